package importer

import "slices"

// NginxTable says what becomes of each directive of nginx. The first row that
// names a directive holds.
func NginxTable() []Row {
	return slices.Concat(nginxSites(), nginxProxying(), nginxUpstreams(), nginxFiles(), nginxGuards(), nginxUnasked(), nginxMissing())
}

// nginxSites are about servers and locations.
func nginxSites() []Row {
	return []Row{
		{Names: "http events", Becomes: "-", Outcome: Converted, Note: "what is in it counts"},
		{Names: "include", Becomes: "-", Outcome: Converted, Note: "what it names is read"},
		{Names: "server", Becomes: "[site.NAME], or a server of [upstream.NAME]", Outcome: Converted},
		{Names: "listen", Becomes: "listen", Outcome: Converted, Note: "a port and an address, the default server, the PROXY protocol. `ssl` and `quic` are not supported, other parameters are webstack.socket's own"},
		{Names: "server_name", Becomes: "hosts", Outcome: Converted, Note: "the default server of a listener takes every other host, as in nginx; regular expressions and `name.*` are not supported"},
		{Names: "location", Becomes: "routes", Outcome: Converted, Note: "prefix, `=`, `^~` and nested ones. Regular expressions are not supported: routes that they take requests from are closed where that would show what they hid"},
		{Names: "return", Becomes: "redirect, respond", Outcome: Converted, Note: "444 is answered with 403"},
		{Names: "internal", Becomes: "internal", Outcome: Converted},
		{Names: "access_log", Becomes: "access_log", Outcome: Differs, Note: "`off` is converted; there is one log for all sites, /var/log/webstack/access.log"},
		{Names: "log_format", Becomes: "access_format of [proxy]", Outcome: Differs, Note: "webstack writes combined, json or logfmt"},
		{Names: "set_real_ip_from", Becomes: "trusted_proxies of [proxy], proxy_protocol", Outcome: Converted, Note: "for all sites"},
		{Names: "real_ip_header", Becomes: "-", Outcome: Converted, Note: "X-Forwarded-For and proxy_protocol; another field is not supported"},
		{Names: "real_ip_recursive", Becomes: "-", Outcome: Converted, Note: "the list is always walked from the right"},
		{Names: "client_max_body_size", Becomes: "max_body", Outcome: Converted},
		{Names: "client_header_timeout", Becomes: "head_timeout of [proxy]", Outcome: Converted, Note: "for all sites"},
		{Names: "client_body_timeout", Becomes: "body_timeout of [proxy]", Outcome: Converted, Note: "for all sites"},
		{Names: "send_timeout", Becomes: "send_timeout of [proxy]", Outcome: Converted, Note: "for all sites"},
		{Names: "keepalive_timeout", Becomes: "keepalive_timeout of [proxy]; of an upstream, keepalive_timeout", Outcome: Converted, Note: "for all sites"},
		{Names: "keepalive_requests", Becomes: "of an upstream, keepalive_requests", Outcome: Converted, Note: "a client's connection may have any number of requests"},
		{Names: "worker_processes", Becomes: "loops of [proxy]", Outcome: Converted, Note: "`auto` is the default"},
		{Names: "worker_shutdown_timeout", Becomes: "stop_timeout of [proxy]", Outcome: Converted},
	}
}

// nginxProxying are about what goes to applications.
func nginxProxying() []Row {
	return []Row{
		{Names: "proxy_pass", Becomes: "app, upstream, strip_prefix", Outcome: Converted, Note: "with no URI, and with one that removes the location's path. Other URIs, variables and https are not supported"},
		{Names: "proxy_set_header", Becomes: "request_headers", Outcome: Converted, Note: "X-Real-IP, X-Forwarded-For and X-Forwarded-Proto are always set; without a Host of its own the upstream's name is sent, as nginx does"},
		{Names: "proxy_hide_header", Becomes: "response_headers", Outcome: Converted},
		{Names: "proxy_pass_header", Becomes: "-", Outcome: Converted, Note: "Server and Date always pass; X-Accel-* never"},
		{Names: "proxy_redirect", Becomes: "-", Outcome: Converted, Note: "`off` is what webstack does; `default` and others rewrite a Location, which webstack does not"},
		{Names: "proxy_next_upstream", Becomes: "retry", Outcome: Converted, Note: "`off` and `error`; an answer with a status is passed on, and only what may be sent twice is"},
		{Names: "proxy_next_upstream_tries", Becomes: "tries", Outcome: Converted, Note: "nginx counts the first one too"},
		{Names: "proxy_connect_timeout", Becomes: "connect_timeout of the app or upstream", Outcome: Converted},
		{Names: "proxy_read_timeout", Becomes: "response_timeout, idle_timeout", Outcome: Converted},
		{Names: "proxy_send_timeout", Becomes: "-", Outcome: Differs, Note: "a body that an application does not take is bounded by idle_timeout"},
		{Names: "proxy_request_buffering", Becomes: "request_buffer", Outcome: Converted},
		{Names: "proxy_buffering", Becomes: "-", Outcome: Converted, Note: "an answer is always passed on as it comes"},
		{Names: "proxy_http_version", Becomes: "-", Outcome: Converted, Note: "always 1.1"},
		{Names: "add_header", Becomes: "response_headers", Outcome: Differs, Note: "it is set on every answer of the route, and in the place of the application's own"},
		{Names: "proxy_buffers proxy_buffer_size proxy_busy_buffers_size proxy_max_temp_file_size proxy_temp_path proxy_temp_file_write_size proxy_headers_hash_*", Becomes: "-", Outcome: Converted, Note: "webstack spools no answer: the client's pace is the application's"},
		{Names: "proxy_socket_keepalive proxy_ignore_client_abort proxy_send_lowat proxy_limit_rate proxy_force_ranges proxy_ignore_headers", Becomes: "-", Outcome: Differs, Note: "webstack has no such switch"},
		{Names: "proxy_next_upstream_timeout", Becomes: "-", Outcome: Differs, Note: "tries bounds it"},
	}
}

// nginxUpstreams are about balancing.
func nginxUpstreams() []Row {
	return []Row{
		{Names: "upstream", Becomes: "an app's ports, or [upstream.NAME]", Outcome: Converted, Note: "servers that a program listens on become the app; `weight`, `backup`, `down`, `max_fails`, `fail_timeout` and `max_conns` are converted"},
		{Names: "least_conn", Becomes: "balance", Outcome: Converted},
		{Names: "random", Becomes: "balance", Outcome: Converted, Note: "`random two`"},
		{Names: "keepalive", Becomes: "keepalive", Outcome: Converted},
		{Names: "zone", Becomes: "-", Outcome: Converted, Note: "the loops share what must be shared"},
		{Names: "queue", Becomes: "queue, queue_timeout", Outcome: Converted},
		{Names: "ip_hash hash sticky", Becomes: "-", Outcome: Unsupported, Note: "a client's requests go to any instance: sessions in the memory of one are lost to the others"},
		{Names: "keepalive_time health_check match resolver resolver_timeout ntlm state", Becomes: "-", Outcome: Unsupported, Note: "left out"},
	}
}

// nginxFiles are about what is served from the disk.
func nginxFiles() []Row {
	return []Row{
		{Names: "root alias", Becomes: "files", Outcome: Converted, Note: "dotfiles are never served, and no link leads out of the folder"},
		{Names: "index", Becomes: "index", Outcome: Converted, Note: "the first name of several"},
		{Names: "try_files", Becomes: "fallback", Outcome: Converted, Note: "`$uri`, `$uri/` and a path or `=404` behind them. A named location is not supported"},
		{Names: "expires", Becomes: "expires", Outcome: Converted, Note: "for files; `epoch`, `modified` and times of day are not supported"},
		{Names: "gzip_static", Becomes: "precompressed", Outcome: Converted, Note: "x.br and x.zst too"},
		{Names: "types", Becomes: "-", Outcome: Differs, Note: "webstack knows types by its own table"},
		{Names: "default_type", Becomes: "-", Outcome: Differs, Note: "a file of an unknown kind is application/octet-stream; of a `return` it is converted"},
		{Names: "disable_symlinks", Becomes: "follow_symlinks_to", Outcome: Differs, Note: "links lead nowhere out of the folder unless follow_symlinks_to allows it"},
		{Names: "etag if_modified_since max_ranges", Becomes: "-", Outcome: Differs, Note: "webstack has no such switch: tags, dates and up to a few ranges are always on"},
		{Names: "autoindex autoindex_* fancyindex*", Becomes: "-", Outcome: Unsupported, Note: "a folder without an index is a 403"},
		{Names: "charset charset_types override_charset source_charset", Becomes: "-", Outcome: Differs, Note: "texts are always said to be UTF-8"},
	}
}

// nginxGuards keep something out.
func nginxGuards() []Row {
	guard := func(names, becomes, note string) Row {
		return Row{Names: names, Becomes: becomes, Outcome: Unsupported, Note: note, Protects: true}
	}
	return []Row{
		{Names: "deny allow", Becomes: "respond = 403", Outcome: Unsupported, Protects: true, Note: "`deny all` alone is converted; with a list of addresses the route is closed"},
		guard("auth_basic auth_basic_user_file", "-", "the route is closed: a password guards it"),
		guard("auth_request auth_request_set auth_jwt* satisfy", "-", "the route is closed: another request decides who may"),
		guard("limit_req limit_conn", "-", "the route is closed: a rate guards it"),
		guard("limit_except", "-", "the route is closed: it takes some methods alone"),
		guard("secure_link* valid_referers", "-", "the route is closed: a secret in the address guards it"),
		guard("ssl ssl_verify_client", "-", "the listener is left out: it speaks TLS"),
		guard("proxy_ssl_verify proxy_ssl_certificate proxy_ssl_trusted_certificate proxy_ssl", "-", "the route is closed: webstack speaks no TLS to applications"),
		guard("proxy_pass_request_headers proxy_pass_request_body proxy_method proxy_set_body proxy_bind", "-", "the route is closed: the application would get another request"),
		guard("modsecurity* SecRules* access_by_lua* rewrite_by_lua* js_access", "-", "the route is closed: a filter guards it"),
		{Names: "if", Becomes: "-", Outcome: Unsupported, Note: "left out; where it refuses or sends elsewhere, what it stands in is closed"},
		{Names: "limit_req_* limit_conn_*", Becomes: "-", Outcome: Unsupported, Note: "what uses it is closed"},
		{Names: "ssl_* http2 http2_* http3 http3_* quic*", Becomes: "-", Outcome: Unsupported, Note: "TLS, HTTP/2 and HTTP/3 come later; a listener with `ssl` is left out"},
		{Names: "proxy_ssl_*", Becomes: "-", Outcome: Unsupported, Note: "what uses it is closed"},
	}
}

// nginxUnasked is what webstack does by itself, or has no need of.
func nginxUnasked() []Row {
	return []Row{
		{Names: "sendfile sendfile_max_chunk tcp_nopush tcp_nodelay aio aio_write directio directio_alignment output_buffers postpone_output read_ahead send_lowat subrequest_output_buffer_size thread_pool", Becomes: "-", Outcome: Converted, Note: "webstack sees to it"},
		{Names: "open_file_cache open_file_cache_*", Becomes: "-", Outcome: Converted, Note: "each loop keeps what is open"},
		{Names: "server_tokens", Becomes: "-", Outcome: Converted, Note: "no version is ever told"},
		{Names: "use multi_accept accept_mutex accept_mutex_delay worker_aio_requests worker_priority worker_cpu_affinity worker_rlimit_* timer_resolution pcre_jit lock_file daemon master_process debug_points debug_connection env load_module working_directory", Becomes: "-", Outcome: Converted, Note: "webstack has no use for it"},
		{Names: "worker_connections", Becomes: "-", Outcome: Differs, Note: "the limit follows from LimitNOFILE; max_connections of [proxy] sets another"},
		{Names: "user", Becomes: "-", Outcome: Differs, Note: "the proxy runs as webstack: what it serves must be readable for that user"},
		{Names: "pid", Becomes: "-", Outcome: Converted, Note: "systemd knows the process"},
		{Names: "error_log log_not_found log_subrequest rewrite_log open_log_file_cache access_log_buffer", Becomes: "-", Outcome: Differs, Note: "errors are in the journal of webstack.service"},
		{Names: "types_hash_* server_names_hash_* variables_hash_* map_hash_* client_body_buffer_size client_header_buffer_size large_client_header_buffers client_body_temp_path client_body_in_file_only client_body_in_single_buffer connection_pool_size request_pool_size", Becomes: "-", Outcome: Differs, Note: "webstack's own bounds hold: a request line of 16 KB, a head of 32 KB"},
		{Names: "ignore_invalid_headers underscores_in_headers merge_slashes absolute_redirect server_name_in_redirect port_in_redirect chunked_transfer_encoding reset_timedout_connection lingering_* msie_* keepalive_disable keepalive_min_timeout max_headers early_hints recursive_error_pages", Becomes: "-", Outcome: Differs, Note: "webstack has no such switch; docs/http.md says how it does"},
		{Names: "gzip_vary gzip_proxied gzip_disable gzip_http_version", Becomes: "-", Outcome: Converted, Note: "precompressed files carry Vary"},
	}
}

// nginxMissing is what comes later, if at all.
func nginxMissing() []Row {
	left := func(names, note string) Row {
		return Row{Names: names, Becomes: "-", Outcome: Unsupported, Note: note}
	}
	answers := func(names string) Row {
		return Row{Names: names, Becomes: "-", Outcome: Unsupported, Answers: true, Note: "the route is closed: webstack speaks HTTP/1.1 to applications, and serves files"}
	}
	return []Row{
		left("gzip gzip_* brotli brotli_* zstd zstd_* gunzip gunzip_*", "answers are not compressed"),
		left("rewrite rewrite_* break set uninitialized_variable_warn", "paths are not rewritten"),
		left("error_page intercept_errors proxy_intercept_errors", "errors have plain pages"),
		left("map map_* geo geoip* split_clients", "webstack has no variables of one's own"),
		left("limit_rate limit_rate_after", "answers are sent as fast as they are taken"),
		left("mirror mirror_request_body", "requests are not copied"),
		left("sub_filter sub_filter_* addition_* add_before_body add_after_body ssi ssi_* image_filter* xslt_* headers_more* more_*", "answers are not changed"),
		left("add_trailer", "no trailer is added"),
		left("proxy_cache proxy_cache_* proxy_no_cache proxy_store proxy_store_access slice", "nothing is cached"),
		left("proxy_cookie_* ", "cookies are not changed"),
		left("userid* random_index", "left out"),
		left("stream mail google_perftools_profiles", "webstack serves HTTP alone"),
		answers("fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass perl content_by_lua* js_content stub_status api dav_methods mp4 flv hls f4f empty_gif echo"),
		left("fastcgi_* uwsgi_* scgi_* grpc_* memcached_* dav_* create_full_put_path min_delete_depth lua_* set_by_lua* header_filter_by_lua* body_filter_by_lua* log_by_lua* init_by_lua* init_worker_by_lua* js_* perl_* mp4_* zone_* status_* opentracing* otel_* passenger*", "left out"),
	}
}
