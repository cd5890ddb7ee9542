package importer

// SupervisorTable says what becomes of each key of a [program:x].
func SupervisorTable() []Row {
	return []Row{
		{Names: "command", Becomes: "command", Outcome: Converted, Note: "the program by its absolute path"},
		{Names: "numprocs numprocs_start process_name", Becomes: "ports, instances", Outcome: Converted, Note: "an instance is named by its port, or by its number from 1 on"},
		{Names: "directory", Becomes: "directory", Outcome: Converted},
		{Names: "user", Becomes: "user", Outcome: Converted, Note: "without it, supervisord's own: root"},
		{Names: "umask", Becomes: "umask", Outcome: Converted},
		{Names: "environment", Becomes: "env", Outcome: Converted, Note: "PORT and INSTANCE are always set"},
		{Names: "autostart", Becomes: "start", Outcome: Converted},
		{Names: "autorestart", Becomes: "restart", Outcome: Converted},
		{Names: "exitcodes", Becomes: "success_exit", Outcome: Converted},
		{Names: "stopsignal", Becomes: "stop_signal", Outcome: Converted},
		{Names: "stopwaitsecs", Becomes: "stop_timeout", Outcome: Converted},
		{Names: "stopasgroup killasgroup", Becomes: "stop_kill", Outcome: Converted},
		{Names: "redirect_stderr", Becomes: "-", Outcome: Converted, Note: "both go to the journal"},
		{Names: "stdout_logfile stderr_logfile", Becomes: "-", Outcome: Differs, Note: "the journal has it: webstack logs APP. stdout = \"/var/log/...\" writes a file"},
		{Names: "stdout_logfile_maxbytes stdout_logfile_backups stderr_logfile_maxbytes stderr_logfile_backups stdout_syslog stderr_syslog", Becomes: "-", Outcome: Converted, Note: "journald keeps and rotates"},
		{Names: "startsecs", Becomes: "-", Outcome: Differs, Note: "an instance counts as started when it answers (start_timeout)"},
		{Names: "startretries", Becomes: "-", Outcome: Differs, Note: "an instance is never given up; the pauses grow (restart_delay)"},
		{Names: "priority", Becomes: "-", Outcome: Differs, Note: "systemd starts side by side; depends_on orders"},
		{Names: "loglevel", Becomes: "-", Outcome: Converted, Note: "of supervisord itself; a program has none"},
		{Names: "stdout_capture_maxbytes stderr_capture_maxbytes stdout_events_enabled stderr_events_enabled serverurl", Becomes: "-", Outcome: Unsupported, Note: "nothing listens to events: on_change tells of changes"},
	}
}

// supervisorSections say what becomes of the sections that are no programs.
func supervisorSections() []Row {
	return []Row{
		{Names: "group", Becomes: "-", Outcome: Converted, Note: "each app has a target of its own; what differs in its port alone is one app"},
		{Names: "include", Becomes: "-", Outcome: Converted, Note: "what it names is read"},
		{Names: "supervisord", Becomes: "-", Outcome: Converted, Note: "systemd supervises; `minfds` is limits.open_files, `environment` each app's env"},
		{Names: "supervisorctl unix_http_server", Becomes: "-", Outcome: Converted, Note: "webstack speaks to systemd"},
		{Names: "rpcinterface", Becomes: "-", Outcome: Converted, Note: "webstack speaks to systemd"},
		{Names: "inet_http_server", Becomes: "-", Outcome: Unsupported, Note: "nothing can be started and stopped over HTTP"},
		{Names: "eventlistener", Becomes: "-", Outcome: Unsupported, Note: "nothing listens to events: on_change tells of changes"},
		{Names: "fcgi-program", Becomes: "-", Outcome: Unsupported, Note: "webstack speaks HTTP to applications, no FastCGI"},
	}
}
