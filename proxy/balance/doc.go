// Package balance chooses the instance of an upstream that serves a request,
// keeps count of what is in flight, learns from what failed, and says what
// may be tried next.
//
// The nouns:
//
//   - An [Instance] is one address with its counters and its passive health.
//   - A [Group] is the instances of one upstream with their rotation. Pick
//     chooses, Begin and End bracket every use.
//   - An [Outcome] is what End learns of a try.
//   - [Attempts] is what one request has used up of the retry rule; the rule
//     itself is one table, in rule.go.
//
// What it promises: with every instance in rotation, any run of picks as long
// as the rotation gives each instance exactly its weight, also when the picks
// are concurrent. In-flight counts return to zero when every Begin has had
// its End. A change of config keeps the health, the counters and the drain
// mark of every instance that is in both; one that was removed finishes what
// it has.
//
// It is safe for concurrent use and takes no lock: the rotation is a fixed
// sequence walked by an atomic cursor, and all that changes in an Instance is
// atomic. Drain and End may therefore race with a Pick, which can hand out an
// instance that was drained an instant ago: a drain is done when in-flight is
// zero, not when Drain returns.
//
// Time is always passed in. Passive health is nginx's, but for its effective
// weights: an instance that comes back takes its full share at once.
package balance
