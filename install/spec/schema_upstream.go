package spec

// balanceKeys are what [app.NAME] and [upstream.NAME] have in common.
func balanceKeys() []Key {
	return []Key{
		{Name: "balance", Type: choice([]string{"round-robin", "least-in-flight", "random-two"}, "hash"), Default: `"round-robin"`, Doc: "How the next instance is picked: by smooth weighted turns, the one with the fewest requests in flight for its weight, or the better of two drawn by lot.", Replaces: []string{"nginx least_conn", "nginx random"}},
		{Name: "sticky_cookie", Type: reserved(object{"type": "string"}), Status: Next, Doc: "Keeps a client with its instance."},
		{Name: "max_in_flight", Type: count(0, maxCount), Default: `0`, Doc: "Requests at a time for each instance, tunnels included; 0 for any number.", Replaces: []string{"nginx max_conns"}},
		{Name: "queue", Type: count(0, maxCount), Default: `0`, Doc: "How many requests wait, first come, first served, while every instance has max_in_flight; the next one gets 503 with Retry-After.", Replaces: []string{"nginx queue"}},
		{Name: "queue_timeout", Type: duration(1), Default: `"5s"`, Doc: "How long a request waits in the queue before it gets that 503."},
		{Name: "hold", Type: duration(0), Default: `"10s"`, Doc: "How long a request waits while no instance is ready, before it gets 503 with Retry-After."},
		{Name: "max_fails", Type: count(0, maxCount), Default: `1`, Doc: "So many failures within fail_timeout take an instance out; 0 never.", Replaces: []string{"nginx max_fails"}},
		{Name: "fail_timeout", Type: duration(1), Default: `"10s"`, Doc: "The window for max_fails, and for how long an instance is out.", Replaces: []string{"nginx fail_timeout"}},
		{Name: "slow_start", Type: duration(0), Default: `"0s"`, Doc: "For how long the share of an instance that comes back grows to its whole.", Replaces: []string{"nginx slow_start"}},
		{Name: "connect_timeout", Type: duration(1), Default: `"5s"`, Doc: "How long a connection to an instance may take.", Replaces: []string{"nginx proxy_connect_timeout"}},
		{Name: "keepalive", Type: count(0, maxCount), Default: `32`, Doc: "Idle connections that each event loop keeps to each instance; 0 none.", Replaces: []string{"nginx keepalive"}},
		{Name: "keepalive_timeout", Type: duration(1), Default: `"60s"`, Doc: "How long such a connection is kept."},
		{Name: "keepalive_requests", Type: count(0, maxCount), Default: `1000`, Doc: "How many requests one such connection serves; 0 for any number.", Replaces: []string{"nginx keepalive_requests"}},
	}
}

// upstreamTable is [upstream.NAME].
func upstreamTable(s *schema) *Table {
	return &Table{
		Header: "[upstream.NAME]", Noun: "an upstream",
		Doc: "A list of servers that are not an app of this spec, or a mix of both.",
		Keys: append([]Key{
			{Name: "servers", Type: servers(s.server), Required: true, Doc: "`\"host:port\"`, `\"unix:/path\"`, or a table.", Replaces: []string{"nginx server"}},
			{Name: "resolve", Type: reserved(object{"type": "string"}), Status: Next, Doc: "How long a resolved name holds.", Replaces: []string{"nginx resolver"}},
			{Name: "health", Type: health(s.health), Otherwise: "connects", Doc: "The check that takes a server out and lets it in again: a path, a table, or \"off\".", Replaces: []string{"nginx health_check"}},
		}, balanceKeys()...),
	}
}

// serverTable is one table in servers.
func serverTable() *Table {
	return &Table{
		Header: "servers = [{ ... }]", Noun: "a server",
		Doc: "One server of an upstream: exactly one of address and app.",
		Keys: []Key{
			{Name: "address", Type: serverAddress(), Doc: "`\"host:port\"` or `\"unix:/path\"`."},
			{Name: "app", Type: ref("an app"), Doc: "All instances of an app."},
			{Name: "weight", Type: count(1, maxWeight), Default: `1`, Doc: "Its share of the requests.", Replaces: []string{"nginx weight"}},
			{Name: "backup", Type: boolean(), Default: `false`, Doc: "Used only while no other is up.", Replaces: []string{"nginx backup"}},
		},
	}
}

// proxyTable is [proxy].
func proxyTable() *Table {
	return &Table{
		Header: "[proxy]", Noun: "the proxy",
		Doc: "What applies to every connection.",
		Keys: []Key{
			{Name: "trusted_proxies", Type: networks(), Default: `[]`, Doc: "Peers whose forwarded headers are believed.", Replaces: []string{"nginx set_real_ip_from"}},
			{Name: "access_log", Type: destination(), Default: `"/var/log/webstack/access.log"`, Doc: "Where requests are logged: a path, \"stdout\", \"journal\" (with a field for each part; journald drops what exceeds its RateLimitBurst=) or \"off\". SIGUSR1 opens the file anew. The sandbox of webstack.service lets the proxy write below /var/log/webstack alone; for another folder it takes a drop-in with ReadWritePaths=.", Replaces: []string{"nginx access_log"}},
			{Name: "access_format", Type: choice([]string{"combined", "json", "logfmt"}), Default: `"combined"`, Doc: "How a line looks: nginx's combined, or all that is known of the request as JSON or key=value.", Replaces: []string{"nginx log_format"}},
			{Name: "head_timeout", Type: duration(1), Default: `"10s"`, Doc: "For the whole head of a request.", Replaces: []string{"nginx client_header_timeout"}},
			{Name: "body_timeout", Type: duration(1), Default: `"60s"`, Doc: "Between two reads of a body. In each such span 240 bytes a second must come, unless the app takes no more.", Replaces: []string{"nginx client_body_timeout"}},
			{Name: "send_timeout", Type: duration(1), Default: `"60s"`, Doc: "Between two writes to a client. In each such span it must take 240 bytes a second.", Replaces: []string{"nginx send_timeout"}},
			{Name: "keepalive_timeout", Type: duration(1), Default: `"75s"`, Doc: "How long a client's connection may idle between requests.", Replaces: []string{"nginx keepalive_timeout"}},
			{Name: "max_connections", Type: count(0, maxCount), Otherwise: "from LimitNOFILE", Doc: "Connections of clients; 0 derives it.", Replaces: []string{"nginx worker_connections"}},
			{Name: "max_connections_per_client", Type: count(0, maxCount), Default: `0`, Doc: "The same for one client address (of IPv6, for its /64); 0 for any number.", Replaces: []string{"nginx limit_conn"}},
			{Name: "loops", Type: count(0, maxLoops), Default: `0`, Otherwise: "one for each processor", Doc: "Event loops; a change takes a restart of webstack.service.", Replaces: []string{"nginx worker_processes"}},
			{Name: "stop_grace", Type: duration(0), Default: `"1s"`, Doc: "How long streams and tunnels may go on when the proxy stops."},
			{Name: "stop_timeout", Type: duration(1), Default: `"30s"`, Doc: "How long the whole stop may take.", Replaces: []string{"nginx worker_shutdown_timeout"}},
		},
	}
}
