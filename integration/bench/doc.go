// Command bench measures webstack beside other proxies: `make bench`.
//
// Its nouns:
//
//   - a contender is a server with its config (in configs/): webstack, nginx
//     tuned, nginx untuned, HAProxy, Caddy, and a relay that only moves octets;
//   - a case is a request, a number of connections and what makes it a case of
//     its own; each case is measured in rounds, and in each round every
//     contender in turn, so that whatever else the machine does at the time
//     falls on all of them;
//   - the cost is the CPU time in microseconds that a contender's threads took
//     for one completed request, as the kernel accounts it. On a machine that
//     others use too it stays where throughput does not;
//   - a ratio is webstack's cost by another's of the same round. Its interval is
//     the least and the greatest of the rounds;
//   - the bar is what has to hold. A row is held when the interval of its ratio
//     reaches it.
//
// All run in one network namespace of the bench's own: the contenders on one
// core, the load and the application behind them on another.
//
// It promises that a wrong answer, an error or a timeout ends the run with an
// error instead of becoming a number, that no figure is written down by hand,
// and that nothing it started or wrote remains, results apart.
//
// Its limits: one core, the loopback device, an application that costs nothing
// and no TLS. It compares what the proxies themselves cost, which in front of a
// real application is a small part of the whole.
package main
