// Package accesslog writes one entry for each exchange, without ever making
// who writes it wait.
//
// The nouns:
//
//   - An [Entry] is what is known of an exchange when it has ended. [Append]
//     formats it as one line, in one of the [Format]s.
//   - A [Log] is where entries go: a file, the standard output, the journal or
//     nowhere. Configure changes that while it runs.
//   - A [Handle] is one loop's end of it: two buffers, of which the loop fills
//     one while the writer has the other.
//
// What it promises: an entry is one line whatever a client sends; control
// bytes, quotes and what is not UTF-8 are escaped. The values of Authorization
// and Cookie never come here. Write formats without allocating and never
// blocks: when the destination is slower than the traffic, entries are dropped
// and counted, and once a minute the error log says how many. What was written
// before Run's context ended has reached the destination when Run returns,
// unless that is stuck.
//
// Its limits: entries of different loops are not in the order of time within
// the fraction of a second that buffers are filled. A file that was renamed
// is written to until Reopen. A crash loses what is in the buffers. journald
// drops what exceeds its RateLimitBurst= (10,000 entries in 30 seconds unless
// it is told otherwise), the error log's included: it is for quiet sites.
package accesslog
