package spec

// appTable is [app.NAME].
func appTable(s *schema) *Table {
	return &Table{
		Header: "[app.NAME]", Noun: "an app",
		Doc:  "What runs as NAME@.service. For a worker (no address) \"active\" means that the process is up; it is in no upstream.",
		Keys: append(append(append(appRunKeys(), appLifeKeys(s)...), appUnitKeys(s.limits)...), balanceKeys()...),
	}
}

// appRunKeys say what runs, where and as whom.
func appRunKeys() []Key {
	return []Key{
		{Name: "unit", Type: unitName(), Otherwise: "the app's name", Doc: "Names the template UNIT@.service, UNIT.target and UNIT.slice.", Replaces: []string{"supervisor process_name", "supervisor programs"}},
		{Name: "command", Type: command(unitHolders), Required: true, Doc: "A string, split by systemd's rules (quotes, C escapes; `%` and `$` are literal), or a list that is the exact argv. The program is an absolute path. Takes `{port}`, `{instance}`, `{socket}` and `{credentials}`.", Replaces: []string{"supervisor command", "systemd ExecStart"}},
		{Name: "ports", Type: ports(), Doc: "A port, a range \"a-b\", or a list of both; one instance for each, named by its port. Exactly one of ports and instances.", Replaces: []string{"nginx server", "supervisor numprocs_start"}},
		{Name: "instances", Type: count(1, maxInstances), Doc: "The number of instances, named 1 to N: of a worker, or with address = \"unix\".", Replaces: []string{"supervisor numprocs"}},
		{Name: "address", Type: address(), Otherwise: "`\"127.0.0.1:{port}\"`; none with instances", Doc: "Where the proxy reaches an instance. `\"unix\"` gives each a socket, `{socket}`, in a folder of its own that nobody else but the proxy enters; the umask is 0002 then where none is set, since the proxy has to write to the socket."},
		{Name: "bind", Type: choice([]string{"app", "systemd"}), Default: `"app"`, Doc: "Who binds the address: the app, or systemd, which holds it in a socket unit for each instance. The app finds it as descriptor 3 (LISTEN_FDS), and no connection is refused while it restarts."},
		{Name: "like", Type: ref("an app"), Doc: "Another app whose user, group, directory, umask, env, env_file, credentials and limits hold where this one has none."},
		{Name: "directory", Type: absolutePath(), Default: `"/"`, Inherited: true, Doc: "The working directory, until a webstack deploy: from then on each instance runs in its release.", Replaces: []string{"supervisor directory", "systemd WorkingDirectory", "pm2 cwd"}},
		{Name: "user", Type: userName(), Required: true, Inherited: true, Doc: "Who the app runs as.", Replaces: []string{"supervisor user", "systemd User"}},
		{Name: "group", Type: userName(), Otherwise: "the user's", Inherited: true, Doc: "The primary group.", Replaces: []string{"systemd Group"}},
		{Name: "umask", Type: umask(), Otherwise: "systemd's", Inherited: true, Doc: "The file mode mask, in octal and in quotes.", Replaces: []string{"supervisor umask", "systemd UMask"}},
		{Name: "nice", Type: integerIn(-20, 19), Otherwise: "systemd's", Doc: "The scheduling priority, -20 to 19.", Replaces: []string{"systemd Nice"}},
		{Name: "env", Type: environment(), Inherited: true, Secret: true, Doc: "Environment variables; numbers and booleans are taken as text, `{port}`, `{instance}`, `{socket}` and `{credentials}` are filled in, `{{` is a brace. PORT and INSTANCE are always set. Every user of the machine can read these (`systemctl show`): a secret belongs in env_file or credentials.", Replaces: []string{"supervisor environment", "systemd Environment"}},
		{Name: "env_file", Type: envFiles(), Inherited: true, Doc: "Files of NAME=value lines; a path that begins with `-` may be missing.", Replaces: []string{"systemd EnvironmentFile", "compose environment_file"}},
		{Name: "credentials", Type: credentials(), Inherited: true, Secret: true, Doc: "Secrets by name: the file that each is read from. The app finds them below `{credentials}`.", Replaces: []string{"systemd LoadCredential"}},
	}
}

// appLifeKeys say when it starts, stops and starts again.
func appLifeKeys(s *schema) []Key {
	return []Key{
		{Name: "start", Type: choice([]string{"boot", "on-demand", "manual"}), Default: `"boot"`, Doc: "When it starts: with the machine, on the first request (which waits, see hold), or by hand.", Replaces: []string{"supervisor autostart"}},
		{Name: "idle_stop", Type: duration(0), Otherwise: "never", Doc: "With start = \"on-demand\": stop after so long without a request."},
		{Name: "restart", Type: choice([]string{"always", "on-failure", "never"}), Default: `"always"`, Doc: "When systemd starts it again.", Replaces: []string{"supervisor autorestart", "systemd Restart"}},
		{Name: "restart_delay", Type: duration(0), Default: `"1s"`, Doc: "The first pause before that; it grows while starts keep failing.", Replaces: []string{"systemd RestartSec"}},
		{Name: "start_timeout", Type: duration(1), Default: `"30s"`, Doc: "How long an instance may take until it answers.", Replaces: []string{"supervisor startsecs", "systemd TimeoutStartSec"}},
		{Name: "stop_timeout", Type: duration(1), Default: `"30s"`, Doc: "How long it may take to stop after the signal, before it is killed.", Replaces: []string{"supervisor stopwaitsecs", "systemd TimeoutStopSec"}},
		{Name: "drain_timeout", Type: duration(0), Default: `"30s"`, Doc: "How long running requests may go on before the signal."},
		{Name: "stop_signal", Type: signal(), Default: `"TERM"`, Doc: "The signal that asks it to stop.", Replaces: []string{"supervisor stopsignal", "systemd KillSignal"}},
		{Name: "stop_kill", Type: choice([]string{"group", "process"}), Default: `"group"`, Doc: "Whether all processes of the instance get the signal, or the main one.", Replaces: []string{"supervisor stopasgroup", "supervisor killasgroup", "systemd KillMode"}},
		{Name: "success_exit", Type: exitStatuses(), Default: `[]`, Doc: "Exit statuses and signals that count as success besides 0.", Replaces: []string{"supervisor exitcodes", "systemd SuccessExitStatus"}},
		{Name: "depends_on", Type: words("unit or app names"), Default: `[]`, Doc: "`x.service` is a unit, a bare name another app: started before, and wanted.", Replaces: []string{"supervisor priority", "systemd Wants", "systemd After", "systemd Requires"}},
		{Name: "health", Type: health(s.health), Otherwise: "connects; none without an address", Doc: "The check that takes an instance out and lets it in again, and that a start waits for: a path, a table, or \"off\"."},
		{Name: "deploy", Type: subTable(s.deploy), Otherwise: "its own defaults", Doc: "How a new release is rolled out."},
	}
}

// appUnitKeys reach into the rendered unit.
func appUnitKeys(limits *Table) []Key {
	return []Key{
		{Name: "stdout", Type: output(), Default: `"journal"`, Doc: "\"journal\", or a path, with `{instance}` or `{port}`.", Replaces: []string{"supervisor stdout_logfile", "systemd StandardOutput"}},
		{Name: "stderr", Type: output(), Otherwise: "as stdout", Doc: "\"journal\", or a path.", Replaces: []string{"supervisor stderr_logfile", "supervisor redirect_stderr", "systemd StandardError"}},
		{Name: "limits", Type: subTable(limits), Inherited: true, Otherwise: "systemd's", Doc: "Resource limits of each instance."},
		{Name: "service", Type: serviceKeys(), Doc: "Any key of systemd's [Service] verbatim, `%` included; a list where systemd repeats the key. Keys that webstack writes itself are refused."},
	}
}

// limitsTable is [app.NAME.limits].
func limitsTable() *Table {
	return &Table{
		Header: "[app.NAME.limits]", Noun: "limits",
		Doc: "Each is systemd's own where it is absent.",
		Keys: []Key{
			{Name: "memory", Type: size(false), Inherited: true, Doc: "Memory, in sizes.", Replaces: []string{"systemd MemoryMax", "pm2 max_memory_restart"}},
			{Name: "cpu", Type: percent(), Inherited: true, Doc: "Processor time, \"150%\" is one and a half processors.", Replaces: []string{"systemd CPUQuota"}},
			{Name: "tasks", Type: count(1, maxCount), Inherited: true, Doc: "Processes and threads.", Replaces: []string{"systemd TasksMax"}},
			{Name: "open_files", Type: count(1, maxCount), Inherited: true, Doc: "Open descriptors.", Replaces: []string{"supervisor minfds", "systemd LimitNOFILE"}},
		},
	}
}
