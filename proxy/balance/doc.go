// Package balance chooses the instance of an upstream that serves a request,
// keeps count of what is in flight, has those wait who find every instance full
// or none ready, learns from what failed and from what is reported, and says
// what may be tried next.
//
// The nouns:
//
//   - An [Instance] is one address with its counters and what is known of it.
//   - A [Group] is the instances of one upstream. Take chooses one and begins
//     a use of it, End closes that with an [Outcome].
//   - A [Ticket] is a place in the queue of a group that has nothing to take.
//     Its [Waker] hears when it was granted an instance.
//   - The board is what the groups of one upstream share as configs come and
//     go: turns, the queue, a pause, and which of them serves.
//   - [Marks] are what others have said of an instance and is to outlive the
//     process: drains and the state of its unit.
//   - [Attempts] is what one request has used up of the retry rule; the rule
//     itself is one table, in rule.go.
//
// Four things can be against giving an instance a request, each by itself:
//
//   - it is drained, by one owner or several; a lease ends a drain by itself;
//   - its unit is starting, stopped or down, as whoever knows has reported;
//   - its checks fail: as many in a row as Fall, until as many as Rise do not;
//   - its requests fail: MaxFails of them, for FailTimeout.
//
// The first two are orders, and nobody is sent there. The others are guesses:
// when they leave nobody, those are tried all the same (panic mode), and so is
// one that sleeps until a connection wakes it. An instance that comes back has
// its share little by little where SlowStart says so.
//
// Where nobody is to be had, or the group is paused, who asks is held: in the
// queue where there is nobody to ask, and standing by, to ask again, where all
// have refused. The group bounds how many are held; how long, is measured by
// who is.
//
// What it promises: with every instance in rotation, any run of turns as long
// as the rotation gives each instance exactly its weight, also when they are
// taken concurrently. No instance has more uses than MaxInFlight, whatever
// number of loops choose at once. In-flight counts return to zero when every
// use has had its End. The queue is first come, first served over all loops;
// nobody waits in it while there is room that he wants, and nobody jumps it.
// A change of config keeps the health, the counters and the marks of every
// instance that is in both, the queue and a pause; an instance that was removed
// finishes what it has.
//
// It is safe for concurrent use. All that a choice reads of an Instance is
// atomic, and where nobody waits no lock is touched; the queue and the marks
// have one, which comes from the caller. Drain and Report may race with a Take
// or a grant, which can hand out an instance that was taken out an instant ago:
// a drain is done when in-flight is zero, not when Drain returns.
//
// Its limits: an instance that two upstreams name is two here, and its bound
// holds in each. Time is always passed in, and so room that comes of time
// passing (FailTimeout, leases) reaches the queue with the next Wait, End, Poll
// or Tick, and IdleSince is as exact as there are ticks. Passive health is
// nginx's, but for its effective weights. When the first of many instances is
// back, it gets all who are held, as far as MaxInFlight lets it.
package balance
