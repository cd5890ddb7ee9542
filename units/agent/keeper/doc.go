// Package keeper decides what the agent does. It is told what systemd says of
// the units, what the proxy says of their health and traffic, and the time,
// and it answers with what is to be done. It does nothing itself: the same
// events at the same times give the same actions.
//
// Its nouns: an [App] with its instances is what the current generation has, a
// [Unit] is systemd's word on an instance, a [State] is what the proxy is told
// of it, a [Job] is asked of systemd. A [Keeper] holds what is known; [Keeper.Decide]
// derives from that what is due now, and when something will be.
//
// It promises that
//   - the proxy is told of each state that differs from what it was told, one
//     call after another, so that an old state never overtakes a new one, and
//     never of a state that may be out of date: while the bus is away or is
//     being read, nothing is said;
//   - an instance has at most one job at a time;
//   - the watchdog restarts nothing while no other instance of the app is well,
//     and each instance at most so often in an hour as its app says;
//   - only instances of apps that start on demand are started, and only while
//     a request waits; only those are stopped, and only while the proxy's own
//     counters say that nobody uses them.
//
// Its limits: a watchdog never restarts the only instance of an app, since
// then all of them fail. What it knows of restarts in the last hour ends with
// the process.
package keeper
