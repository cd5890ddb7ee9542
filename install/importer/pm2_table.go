package importer

// PM2Table says what becomes of each key of an app in pm2's ecosystem file.
func PM2Table() []Row {
	return []Row{
		{Names: "name", Becomes: "[app.NAME]", Outcome: Converted},
		{Names: "script args interpreter exec_interpreter interpreter_args node_args exec", Becomes: "command", Outcome: Converted, Note: "a .js runs by node, a .py by python3"},
		{Names: "cwd", Becomes: "directory", Outcome: Converted},
		{Names: "uid user", Becomes: "user", Outcome: Converted},
		{Names: "gid", Becomes: "group", Outcome: Converted},
		{Names: "env", Becomes: "env", Outcome: Converted, Note: "PORT becomes ports"},
		{Names: "env_*", Becomes: "-", Outcome: Unsupported, Note: "a spec has one environment: override.d/*.toml changes it on a machine"},
		{Names: "instances", Becomes: "ports, instances", Outcome: Converted, Note: "`max` is two"},
		{Names: "exec_mode", Becomes: "-", Outcome: Differs, Note: "the processes of a cluster shared one port; here each instance has its own, from PORT on"},
		{Names: "increment_var instance_var", Becomes: "ports", Outcome: Converted, Note: "PORT and INSTANCE are always set"},
		{Names: "autorestart stop_exit_codes", Becomes: "restart, success_exit", Outcome: Converted},
		{Names: "restart_delay exp_backoff_restart_delay", Becomes: "restart_delay", Outcome: Converted, Note: "the pauses grow while starts keep failing"},
		{Names: "kill_timeout", Becomes: "stop_timeout", Outcome: Converted},
		{Names: "listen_timeout", Becomes: "start_timeout", Outcome: Converted},
		{Names: "max_memory_restart", Becomes: "limits.memory", Outcome: Differs, Note: "past it the kernel ends the instance, and systemd starts it again"},
		{Names: "wait_ready", Becomes: "-", Outcome: Converted, Note: "an instance counts as started when it answers"},
		{Names: "max_restarts min_uptime", Becomes: "-", Outcome: Differs, Note: "an instance is never given up; the pauses grow"},
		{Names: "out_file output error_file error log_file log merge_logs combine_logs log_date_format log_type time disable_logs", Becomes: "-", Outcome: Differs, Note: "the journal has it: webstack logs APP"},
		{Names: "treekill", Becomes: "stop_kill", Outcome: Converted},
		{Names: "namespace version vizion pid_file pid source_map_support force automation pmx deep_monitoring filter_env append_env_to_name windowsHide", Becomes: "-", Outcome: Converted, Note: "webstack has no use for it"},
		{Names: "watch ignore_watch watch_delay watch_options", Becomes: "-", Outcome: Unsupported, Note: "nothing is restarted when a file changes"},
		{Names: "cron_restart cron", Becomes: "-", Outcome: Unsupported, Note: "a systemd timer can run webstack restart"},
		{Names: "shutdown_with_message", Becomes: "-", Outcome: Unsupported, Note: "an instance is asked to stop by a signal (stop_signal)"},
		{Names: "post_update", Becomes: "-", Outcome: Unsupported, Note: "nothing runs after an update"},
	}
}
