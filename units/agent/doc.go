// Package agent keeps units and proxy in step. It follows the instances of the
// current generation over D-Bus and tells the proxy of every change; it
// restarts what fails its health check, starts apps that a request waits for
// and stops those that nobody uses, forgives crashes that are long past, and
// tells others of events.
//
// Its nouns: an [Agent] runs until its context is done; a [Machine] is what it
// asks of the machine, as functions; a hook is a command or a URL that is told
// of events, at a limited pace. What is to be done is decided in package
// keeper; this package carries messages: each source has a goroutine that
// reads it and puts what it reads into one channel, and one loop takes from
// that, asks the keeper, and hands out the work.
//
// It promises that
//   - whoever goes away (the bus, the proxy, a hook) is waited for, and told
//     everything again when it is back;
//   - the death of the agent changes nothing but what it does itself: it holds
//     no state that anybody needs, and its next start reads everything anew;
//   - nothing it does waits without a deadline, and no slow hook or job keeps a
//     unit's state from the proxy.
//
// Its limits: it may do no more than polkit lets its user, which is what the
// rule of the current generation lists; without that it only watches. A new
// generation is noticed within a second. An event that happens while the proxy
// cannot be reached is told to nobody, unless it is of an app without an
// address, of which the proxy knows nothing and the agent tells itself.
package agent
