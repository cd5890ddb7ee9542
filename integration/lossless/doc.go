// Package lossless keeps a site as busy as a real one while a test changes
// something under it, and counts what was lost.
//
// Its nouns:
//
//   - a storm is all kinds of clients at once, at a rate: GETs and POSTs on
//     connections of their own and on kept ones, readers of server-sent events,
//     WebSockets;
//   - a miss is an exchange that did not end well; history is what systemd and
//     the proxy did meanwhile, by systemd's own journal; the verdict on a miss
//     follows from it: lost, held by somebody who was killed, or ended at its
//     deadline;
//   - a note is the id of a POST, written down by the instance that ran it: the
//     notes tell what ran twice, and what was answered and never ran;
//   - a row is the account of one storm, on one line.
//
// What is lost: on a new connection, any refusal, reset, timeout, cut or wrong
// answer; on a kept one, the same after the one repeat on a fresh connection
// that RFC 9112, section 9.3.1, allows for idempotent requests; a POST that ran
// twice, or did not run and was answered with 2xx; a stream or a WebSocket that
// ended before the drain's deadline or the proxy's grace. Of what a killed
// process held, an answer that had not begun.
//
// It promises that nothing is excused without an event of the history that
// explains it, and prints how many were.
//
// Its limits: clients and servers share the machine's processors, so the rate
// is of the machine and not of the proxy; the gap between two accepts is seen
// from outside, as the longest time in which no new connection was answered.
package lossless
