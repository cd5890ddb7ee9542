// Package header decides which header fields pass the proxy, in both
// directions, and which ones it adds. It is pure: a slice of fields in, a
// slice of fields out. A caller with another representation (a map, a parsed
// buffer) fills a []Field first; slices are appended to, so that both can be
// reused, and strings are never copied.
//
// Its nouns:
//
//   - a [Field] is a name and a value as received;
//   - its [Class] says what it means to a proxy, see [Classify];
//   - [Trust] is whose forwarded fields are believed;
//   - [Rules] are what the operator sets or removes on a route.
//
// What it promises (RFC 9110 section 7.6.1): connection fields and what
// Connection nominates end here, in both directions, and the client's are gone
// before ours are added, so that no client can nominate ours away. Forwarded
// fields of a peer that is not trusted are replaced. A name with underscores
// that an application would read as one of these is dropped.
//
// What it leaves to the caller: framing. Content-Length, Transfer-Encoding and
// Trailer never come out; whoever writes the message writes its own from what
// it has parsed. Legality of names and values is checked where they are
// parsed, and here for rules.
package header
