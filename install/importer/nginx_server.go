package importer

import (
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// server is one server block.
type server struct {
	d       *nginx.Directive
	scope   *scope
	listens []listen
	// hosts are the names that a spec can say; lost are reasons why something
	// of it is left out.
	hosts, lost []string
}

// sitesOf makes the sites of all servers.
func (f *front) sitesOf() {
	for _, s := range f.servers {
		f.mark(Converted, "", s.d)
		s.listens = f.listens(s)
		s.hosts = f.hostsOf(s)
	}
	f.narrow()
	f.elect()
	f.claim()
	for _, s := range f.servers {
		f.site(s)
	}
}

// hostsOf reads server_name.
func (f *front) hostsOf(s *server) []string {
	var hosts []string
	for _, d := range s.scope.mine("server_name") {
		f.mark(Converted, "hosts", d)
		for _, name := range d.Args {
			name = strings.ToLower(name)
			inner := strings.TrimPrefix(strings.TrimPrefix(name, "*."), ".")
			switch {
			case name == "_":
				f.mark(Converted, "_ is no name that a client sends", d)
				continue
			case name == "" || name == "$hostname":
				f.mark(Differs, "requests without a name go to the default server", d)
				continue
			case strings.HasPrefix(name, "~"):
				f.mark(Unsupported, name+" is left out: there are no patterns but *.name", d)
				continue
			case strings.Contains(inner, "*"):
				f.mark(Unsupported, name+" is left out: a * stands for the first labels alone", d)
				continue
			case strings.HasPrefix(name, "."):
				hosts = append(hosts, inner, "*."+inner)
				continue
			}
			hosts = append(hosts, strings.TrimSuffix(name, "."))
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// claim leaves a name to the first server of a socket that has it, as nginx
// does with a warning.
func (f *front) claim() {
	owner := map[string]*server{}
	for _, s := range f.servers {
		kept := s.hosts[:0:0]
		for _, h := range s.hosts {
			conflict := false
			for _, l := range s.listens {
				if o := owner[l.socket+" "+h]; o != nil && o != s {
					conflict = true
				}
			}
			if conflict {
				f.mark(Differs, h+" is another server's of this listener already, as nginx warns", s.scope.mine("server_name")...)
				continue
			}
			for _, l := range s.listens {
				owner[l.socket+" "+h] = s
			}
			kept = append(kept, h)
		}
		s.hosts = kept
	}
}

// site makes the site of a server: one that takes every other host where it is
// the default server, one with its names where it is not.
func (f *front) site(s *server) {
	base := s.name()
	var others, named []listen
	for _, l := range s.listens {
		if l.first {
			others = append(others, l)
		} else {
			named = append(named, l)
		}
	}
	if len(others) > 0 {
		f.siteTables = append(f.siteTables, f.siteTable(s, f.sites.free(base, "site"), others, nil))
		if f.overtaken(s, others) {
			named = append(named, others...)
		}
	}
	if len(named) > 0 {
		t := f.siteTable(s, f.sites.free(base, "site"), named, s.hosts)
		if len(s.hosts) == 0 {
			why := "no name of it can be said here, and it is not the default server of its listener"
			t.close(why)
			f.mark(Differs, why, s.d)
		}
		f.siteTables = append(f.siteTables, t)
	}
	if len(s.listens) == 0 {
		t := f.siteTable(s, f.sites.free(base, "site"), nil, s.hosts)
		why := strings.Join(s.lost, "; ")
		t.close(why)
		f.mark(Unsupported, "no listener is left: "+why, s.d)
		f.siteTables = append(f.siteTables, t)
	}
}

// overtaken says whether another server's wildcard would take a name of a
// default server, which is written without names.
func (f *front) overtaken(s *server, on []listen) bool {
	for _, o := range f.servers {
		shares := slices.ContainsFunc(o.listens, func(a listen) bool {
			return slices.ContainsFunc(on, func(b listen) bool { return a.socket == b.socket })
		})
		if o == s || !shares {
			continue
		}
		for _, wild := range o.hosts {
			suffix, is := strings.CutPrefix(wild, "*")
			if is && slices.ContainsFunc(s.hosts, func(h string) bool { return strings.HasSuffix(h, suffix) }) {
				return true
			}
		}
	}
	return false
}

// name is what a site is called: by its first host, else by its port.
func (s *server) name() string {
	for _, h := range s.hosts {
		if !strings.Contains(h, "*") {
			return strings.ReplaceAll(h, ".", "-")
		}
	}
	for _, l := range s.listens {
		if !strings.HasPrefix(l.socket, "unix:") {
			return "port-" + port(l.socket)
		}
	}
	return "site"
}

// siteTable writes one site with its routes.
func (f *front) siteTable(s *server, name string, on []listen, hosts []string) *table {
	t := &table{header: "[site." + name + "]", from: []string{f.entries[s.d].place() + ": server"}}
	nginx.All([]*nginx.Directive{s.d}, func(d *nginx.Directive) { t.entries = append(t.entries, f.entries[d]) })
	var values []string
	proxied := false
	for _, l := range on {
		if !slices.Contains(values, l.value) {
			values = append(values, l.value)
		}
		proxied = proxied || l.proxied
	}
	switch len(values) {
	case 0:
	case 1:
		t.set("listen", values[0])
	default:
		t.set("listen", "["+strings.Join(values, ", ")+"]")
	}
	if len(hosts) > 0 {
		t.set("hosts", quoteAll(hosts))
	}
	for _, why := range s.lost {
		t.remarks = append(t.remarks, "Left out: "+why+".")
	}
	if proxied {
		f.proxyProtocol(s, t)
	}
	r := &router{front: f, server: s, site: name}
	t.below = r.routes()
	return t
}

// proxyProtocol names who may send a PROXY header.
func (f *front) proxyProtocol(s *server, t *table) {
	var peers []string
	for _, d := range s.scope.find("set_real_ip_from") {
		f.mark(Converted, "proxy_protocol", d)
		peers = append(peers, arg(d, 0))
	}
	if len(peers) == 0 {
		t.close("its clients begin with a PROXY header, and no set_real_ip_from says which peers may")
		for _, l := range s.listens {
			f.mark(Unsupported, "proxy_protocol needs the peers that may send it, and no set_real_ip_from names them", l.d)
		}
		return
	}
	t.set("proxy_protocol", quoteAll(peers))
}
