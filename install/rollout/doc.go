// Package rollout decides in which order the instances of an app are changed:
// events in, actions out.
//
// Its nouns: a [Machine] is one roll; an instance's turn is the [Action]s Drain,
// Change, Await and Return, each begun when the one before has ended; an
// [Event] tells how an action ended. Canaries have their turns first and are
// watched; [Worse] judges what they answered.
//
// What it promises: no more than MaxUnavailable instances are out of rotation
// at a time by the roll's doing. The first failure begins no further turn: who
// is being drained then goes back unchanged, and who has been changed is seen
// through. Every Drain is followed by a Return, whatever happens between them.
// The same events give the same actions: it has no clock. A roll that was
// killed is begun anew by another machine, and so is a way back: [BackOrder]
// says who goes first.
//
// Its limits: it knows nothing of what an action does, nor how long it may
// take. Whoever carries the actions out bounds each one.
package rollout
