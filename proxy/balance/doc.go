// Package balance chooses the instance of an upstream that serves a request,
// keeps count of what is in flight, queues what finds every instance full,
// learns from what failed, and says what may be tried next.
//
// The nouns:
//
//   - An [Instance] is one address with its counters and its passive health.
//   - A [Group] is the instances of one upstream. Take chooses one and begins
//     a use of it, End closes that with an [Outcome].
//   - A [Ticket] is a place in the queue of a group whose instances have as
//     many uses as they may have. Its [Waker] hears when it was granted one.
//   - The board is what the groups of one upstream share as configs come and
//     go: turns, the queue, and which of them serves.
//   - [Attempts] is what one request has used up of the retry rule; the rule
//     itself is one table, in rule.go.
//
// What it promises: with every instance in rotation, any run of turns as long
// as the rotation gives each instance exactly its weight, also when they are
// taken concurrently. No instance has more uses than MaxInFlight, whatever
// number of loops choose at once. In-flight counts return to zero when every
// use has had its End. The queue is first come, first served over all loops;
// nobody waits in it while there is room that he wants, and nobody jumps it.
// A change of config keeps the health, the counters and the drain mark of
// every instance that is in both, and the queue; one that was removed finishes
// what it has.
//
// It is safe for concurrent use. All that changes in an Instance is atomic,
// and where nobody waits no lock is touched; the queue has one, which comes
// from the caller. Drain may race with a Take, which can hand out an instance
// that was drained an instant ago: a drain is done when in-flight is zero, not
// when Drain returns.
//
// Its limits: an instance that two upstreams name is two here, and its bound
// holds in each. Time is always passed in, and so room that comes of time
// passing (FailTimeout) reaches the queue with the next Wait, End or Poll.
// Passive health is nginx's, but for its effective weights: an instance that
// comes back takes its full share at once.
package balance
