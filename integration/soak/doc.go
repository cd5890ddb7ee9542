// Command soak loads webstack with everything at once and asks where each
// answer went: `make soak`.
//
// Its nouns:
//
//   - an actor is one kind of client, endlessly: keep-alive, close, uploads,
//     downloads, streams, tunnels, slow ones, malformed ones, ones that leave;
//   - an instance is a process of the application; the killer kills one after
//     the other without warning, and starts it again;
//   - the reloader has the proxy read another spec every second;
//   - the ledger has a line for each exchange: complete and right to the last
//     octet, explained, or unexplained. Explained is what an application that is
//     killed may cost: an error for what may not be sent twice, or a cut that
//     the client can see;
//   - the rest is what the proxy holds when nobody asks for anything: its
//     descriptors and its memory, before and after.
//
// It promises that it fails when one exchange is unexplained, when the proxy
// keeps what it should have given back, or when anything remains in flight; and
// that a run can be made again with its seed, as far as the scheduler allows.
//
// Its limits: one machine, one network namespace, a loopback that loses nothing.
package main
