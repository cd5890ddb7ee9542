package spec

// siteTable is [site.NAME].
func siteTable(route *Table) *Table {
	t := &Table{
		Header: "[site.NAME]", Noun: "a site",
		Doc: "Host names on listeners, with their routes. Keys of a route that are marked S may stand here and then hold for every route that has none of its own.",
		Keys: []Key{
			{Name: "listen", Type: listen(), Required: true, Doc: "A port (all IPv4 addresses), \"address:port\", \"[v6]:port\", \"unix:/path\", or a list.", Replaces: []string{"nginx listen"}},
			{Name: "hosts", Type: hosts(), Default: `[]`, Otherwise: "every other host", Doc: "Exact names and \"*.example.com\". Where all sites of a listener name hosts, an unmatched one gets 421.", Replaces: []string{"nginx server_name"}},
			{Name: "proxy_protocol", Type: proxyPeers(), Default: `[]`, Doc: "Peers whose connections begin with a PROXY header (version 1 or 2), which says who the client is. All sites of a listener name the same.", Replaces: []string{"nginx proxy_protocol"}},
			{Name: "tls", Type: reserved(object{}), Status: Next, Doc: "Certificates.", Replaces: []string{"nginx ssl", "nginx ssl_certificate"}},
			{Name: "routes", Type: namedTables(), Doc: "Routes by path: `/api` is /api and below, `/api/` below only, `= /x` exactly that. The longest wins.", Replaces: []string{"nginx location"}},
		},
	}
	for _, k := range route.Keys {
		if k.Inherited {
			k.For = ""
			k.Replaces = nil
			t.Keys = append(t.Keys, k)
		}
	}
	return t
}

// routeTable is one route.
func routeTable() *Table {
	return &Table{
		Header: `[site.NAME.routes."/PATH"]`, Noun: "a route",
		Doc:  "Exactly one of app, upstream, files, redirect and respond.",
		Keys: append(append(routeActions(), routeFileKeys()...), routeProxyKeys()...),
	}
}

func routeActions() []Key {
	return []Key{
		{Name: "app", Type: ref("an app"), Action: true, Doc: "The app that answers.", Replaces: []string{"nginx proxy_pass"}},
		{Name: "upstream", Type: upstreamRef(), Action: true, Doc: "The upstream that answers, or a list of addresses."},
		{Name: "files", Type: folder(), Action: true, Doc: "The folder that the rest of the path is looked up in.", Replaces: []string{"nginx alias", "nginx root"}},
		{Name: "redirect", Type: location(), Action: true, Doc: "Where the client is sent; takes the request's placeholders.", Replaces: []string{"nginx return", "nginx rewrite"}},
		{Name: "respond", Type: respond(), Action: true, Doc: "A fixed answer: true, a status, or the body itself."},
		{Name: "status", Type: count(minStatus, maxStatus), Otherwise: "302 for redirect, 200 for respond", For: "redirect respond", Doc: "The status of redirect (301, 302, 303, 307, 308) or respond."},
		{Name: "body", Type: text(noHolders), For: "respond", Doc: "The body of respond."},
	}
}

func routeFileKeys() []Key {
	return []Key{
		{Name: "follow_symlinks_to", Type: paths(), Default: `[]`, For: "files", Doc: "Folders that a symlink may lead to besides the route's own.", Replaces: []string{"nginx disable_symlinks"}},
		{Name: "fallback", Type: fallback(), For: "files", Doc: "The path that is served instead, by whatever route it matches, where there is no such file.", Replaces: []string{"nginx try_files"}},
		{Name: "internal", Type: boolean(), Default: `false`, For: "files app upstream", Doc: "Reached by fallback and by the X-Accel-Redirect of an app only; 404 for clients.", Replaces: []string{"nginx internal"}},
		{Name: "index", Type: fileName(), Default: `"index.html"`, Inherited: true, For: "files", Doc: "The file that is served for a folder; \"\" for none.", Replaces: []string{"nginx index"}},
		{Name: "precompressed", Type: boolean(), Default: `false`, Inherited: true, For: "files", Doc: "Serves x.zst, x.br or x.gz, where it lies beside x, to who takes it.", Replaces: []string{"nginx gzip_static"}},
		{Name: "expires", Type: durationOrOff(), Inherited: true, For: "files", Doc: "Sets Expires and Cache-Control: max-age; \"off\" for none.", Replaces: []string{"nginx expires"}},
		{Name: "immutable", Type: boolean(), Default: `false`, Inherited: true, For: "files", Doc: "Adds immutable to Cache-Control."},
	}
}

func routeProxyKeys() []Key {
	const proxied = "app upstream"
	return []Key{
		{Name: "strip_prefix", Type: boolean(), Default: `false`, For: proxied, Doc: "Removes the route's path before the app sees it; sets X-Forwarded-Prefix."},
		{Name: "max_body", Type: size(true), Default: `"1MB"`, Inherited: true, For: proxied, Doc: "The longest body of a request; 0 for no limit.", Replaces: []string{"nginx client_max_body_size"}},
		{Name: "request_buffer", Type: boolean(), Default: `false`, Inherited: true, For: proxied, Doc: "Takes the whole body before the app sees the request: 64 KB in memory, more in an unlinked file in /var/tmp; 507 where that has no room.", Replaces: []string{"nginx proxy_request_buffering"}},
		{Name: "retry", Type: choice([]string{"error", "never"}), Default: `"error"`, Inherited: true, For: proxied, Doc: "Whether another instance is tried after a failure that allows it.", Replaces: []string{"nginx proxy_next_upstream"}},
		{Name: "tries", Type: count(0, maxTries), Default: `2`, Inherited: true, For: proxied, Doc: "How many other instances are tried.", Replaces: []string{"nginx proxy_next_upstream_tries"}},
		{Name: "response_timeout", Type: duration(1), Default: `"60s"`, Inherited: true, For: proxied, Doc: "Until the first byte of the answer.", Replaces: []string{"nginx proxy_read_timeout"}},
		{Name: "idle_timeout", Type: duration(1), Default: `"60s"`, Inherited: true, For: proxied, Doc: "Between two bytes of the answer, and in tunnels."},
		{Name: "upgrade", Type: tokens(), Default: `["websocket"]`, Inherited: true, For: proxied, Doc: "Upgrade tokens that may become tunnels; [] for none."},
		{Name: "request_headers", Type: headers(true), Inherited: true, For: proxied, Otherwise: "Host as sent", Doc: "Fields set towards the app; \"\" removes one. Takes the request's placeholders.", Replaces: []string{"nginx proxy_set_header"}},
		{Name: "response_headers", Type: headers(false), Inherited: true, Doc: "Fields set towards the client; \"\" removes one.", Replaces: []string{"nginx add_header", "nginx proxy_hide_header"}},
		{Name: "access_log", Type: logged(), Default: `true`, Inherited: true, Doc: "Whether requests are logged; where and how is in `[proxy]`."},
		{Name: "allow", Type: reserved(object{}), Status: Next, Inherited: true, Doc: "Clients that may.", Replaces: []string{"nginx allow", "nginx deny"}},
		{Name: "basic_auth", Type: reserved(object{}), Status: Next, Inherited: true, Doc: "Passwords.", Replaces: []string{"nginx auth_basic"}},
		{Name: "error_pages", Type: reserved(object{}), Status: Next, Inherited: true, Doc: "Pages for errors.", Replaces: []string{"nginx error_page"}},
		{Name: "rate_limit", Type: reserved(object{}), Status: Next, Inherited: true, Doc: "Requests for each client.", Replaces: []string{"nginx limit_req"}},
		{Name: "compress", Type: reserved(object{}), Status: Next, Inherited: true, Doc: "Compression of answers.", Replaces: []string{"nginx gzip"}},
	}
}
