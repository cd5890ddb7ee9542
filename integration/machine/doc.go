// Package machine boots a real systemd as PID 1 of a throwaway machine, in
// about two seconds, out of the host's own installation.
//
// Its nouns:
//
//   - a machine is a set of namespaces (mount, pid, uts, ipc, cgroup and, by
//     default, network) with systemd, dbus and journald running in it;
//   - its disk is a tmpfs: the host's /usr, /etc and /var (or those of another
//     installation in a folder, which debian.sh makes) as the lower layers of
//     overlays, all else empty. What is written stays on the tmpfs, through
//     reboots, and the host never sees it;
//   - the supervisor is a process of the machine's own that holds the disk,
//     starts PID 1, starts it again after a reboot, and ends it all when the
//     process that asked for the machine is gone, however it went;
//   - the stage is that same program once more, as PID 1 inside the
//     namespaces, where it mounts what a system needs and becomes systemd.
//
// The supervisor and the stage are the calling program executed again, so a
// program that starts machines calls Main first, in TestMain or main.
//
// It promises that nothing remains on the host: no mount, process, cgroup,
// namespace or file, also when the calling process is killed. Only when
// somebody kills the supervisor itself does an empty cgroup directory stay,
// until the next machine is started.
//
// Its limits: it needs root, a cgroup2 mount and an installation with systemd and
// dbus. It isolates tests from the host, not an attacker: root in the machine
// is root. A machine on the host's network shares its ports and its abstract
// sockets with the host and with its like. On a host with cgroup v1 controllers, memory and cpu limits can be
// set but do not bite; Controllers tells.
package machine
