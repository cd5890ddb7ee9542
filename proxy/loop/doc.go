// Package loop waits for many descriptors on one thread and says when a
// deadline has come. It knows no protocol.
//
// Its nouns:
//
//   - a [Loop] is one epoll instance, run by one goroutine on a thread of its
//     own; all but Post, Stop and New belong to that thread;
//   - a [Handler] is told what its descriptor became ready for;
//   - a [Worker] is given the turn after each batch of events, and answers
//     when it wants the next one at the latest;
//   - a [Token] names a registration, and no later one: what the kernel still
//     had to say of a descriptor that was closed in the same batch is dropped;
//   - [Deadlines] are timers in the order in which they are due; an [Instant]
//     is a moment on the clock that no operator can set.
//
// What it promises: a descriptor is registered once, edge-triggered, so
// readiness must be remembered by whoever is told; several loops may listen on
// one socket and one of them wakes (EPOLLEXCLUSIVE); nothing is allocated but
// for growth and by Post; memory for registrations and timers is given back
// when a peak is over. A loop without work sleeps in a way the Go runtime
// knows of.
//
// Its limits: a handler that blocks blocks its loop. Deadlines are kept to the
// millisecond that epoll_wait(2) can count, plus what a batch of events takes.
// A busy loop keeps its P while it waits, for up to 5 ms at a time; set
// GOMAXPROCS to one more than the number of loops, or the other goroutines
// wait for it.
package loop
