package importer

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/webstack/webstack/install/importer/nginx"
)

// globals converts what a spec says once for all sites.
func (f *front) globals() {
	f.proxy.from = nil
	for _, k := range []struct{ theirs, ours string }{
		{"client_header_timeout", "head_timeout"},
		{"client_body_timeout", "body_timeout"},
		{"send_timeout", "send_timeout"},
		{"keepalive_timeout", "keepalive_timeout"},
	} {
		f.timeout(k.theirs, k.ours)
	}
	for _, d := range f.top.mine("worker_processes") {
		n, err := strconv.Atoi(arg(d, 0))
		switch {
		case arg(d, 0) == "auto":
			f.mark(Converted, "one loop for each processor is the default", d)
		case err == nil && 0 < n && n <= 1024:
			f.mark(Converted, "loops", d)
			f.proxyKey(d, "loops", strconv.Itoa(n))
		default:
			f.mark(Unsupported, "its value is not understood", d)
		}
	}
	for _, d := range f.top.mine("worker_shutdown_timeout") {
		if v := timeValue(arg(d, 0)); v != "" {
			f.mark(Converted, "stop_timeout", d)
			f.proxyKey(d, "stop_timeout", v)
		}
	}
	f.trusted()
	for _, d := range f.http.mine("access_log") {
		if arg(d, 0) == "off" && len(f.servers) == 0 {
			f.mark(Converted, "nothing here needs it", d)
		} else if arg(d, 0) != "off" {
			f.accessLog(d)
		}
	}
}

// proxyKey sets a key of [proxy] and says where it is from.
func (f *front) proxyKey(d *nginx.Directive, key, value string) {
	f.proxy.put(key, value)
	f.proxy.entries = append(f.proxy.entries, f.entries[d])
	from := f.entries[d].place() + ": " + oneLine(d.String())
	if !slices.Contains(f.proxy.from, from) {
		f.proxy.from = append(f.proxy.from, from)
	}
}

// everywhere are all directives of a name outside of upstreams.
func (f *front) everywhere(name string) []*nginx.Directive {
	var found []*nginx.Directive
	for _, d := range f.http.own {
		if d.Name == name {
			found = append(found, d)
		}
		if d.Name == "server" {
			nginx.All(d.Block, func(d *nginx.Directive) {
				if d.Name == name {
					found = append(found, d)
				}
			})
		}
	}
	return found
}

// timeout converts a time that nginx has for each server and a spec for all:
// the longest.
func (f *front) timeout(theirs, ours string) {
	var most time.Duration
	var from *nginx.Directive
	list := f.everywhere(theirs)
	for _, d := range list {
		v, ok := parseTime(arg(d, 0))
		if !ok {
			f.mark(Unsupported, "its value is not understood", d)
			continue
		}
		f.mark(Converted, ours, d)
		if v == 0 {
			f.mark(Differs, "0 cannot be said: an idle connection is closed after a second", d)
			v = time.Second
		}
		if v > most {
			most, from = v, d
		}
	}
	if from == nil {
		return
	}
	f.proxyKey(from, ours, duration(most))
	for _, d := range list {
		if v, _ := parseTime(arg(d, 0)); v != most && v != 0 {
			f.mark(Differs, "one value holds for all sites, the longest: "+duration(most), d)
		}
	}
}

// trusted converts whose forwarded fields are believed.
func (f *front) trusted() {
	header := "X-Real-IP" // nginx's default
	for _, d := range f.everywhere("real_ip_header") {
		header = arg(d, 0)
		if header == "X-Forwarded-For" || header == "proxy_protocol" {
			f.mark(Converted, "", d)
		} else {
			f.mark(Unsupported, "only X-Forwarded-For and the PROXY protocol say who a client is", d)
		}
	}
	var peers []string
	for _, d := range f.everywhere("set_real_ip_from") {
		peer := arg(d, 0)
		_, errAddr := netip.ParseAddr(peer)
		_, errPrefix := netip.ParsePrefix(peer)
		switch {
		case header == "proxy_protocol":
			continue // the sites name them
		case header != "X-Forwarded-For":
			f.mark(Unsupported, "left out: X-Forwarded-For alone is believed, and nginx was told of "+oneLine(header), d)
			continue
		case errAddr != nil && errPrefix != nil:
			f.mark(Unsupported, "a peer is an address or a network", d)
			continue
		}
		f.mark(Converted, "trusted_proxies", d)
		if !slices.Contains(peers, peer) {
			peers = append(peers, peer)
		}
		f.proxyKey(d, "trusted_proxies", quoteAll(peers))
	}
}

// accessLog looks at where and how requests are logged.
func (f *front) accessLog(d *nginx.Directive) {
	f.mark(Differs, "there is one log for all sites, /var/log/webstack/access.log; access_log of [proxy] names another", d)
}
