package importer

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// front is nginx's side of a conversion.
type front struct {
	*conversion
	entries map[*nginx.Directive]*Entry
	// rows are the table of directives.
	rows []Row
	// top is what stands outside of all servers, http what is in it.
	top, http *scope
	groups    []*group
	servers   []*server
	// siteTables are what the servers become.
	siteTables []*table
	// named are the groups of addresses that locations name without an
	// upstream, in their order.
	named []*group
}

// scope is one block's directives, and the block around it.
type scope struct {
	above *scope
	own   []*nginx.Directive
}

// find is what is in force of a directive: nginx takes a block's own, or else
// all that the nearest block around it has. Several names are one directive.
func (s *scope) find(names ...string) []*nginx.Directive {
	for ; s != nil; s = s.above {
		var found []*nginx.Directive
		for _, d := range s.own {
			if slices.Contains(names, d.Name) {
				found = append(found, d)
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// one is the directive in force of those that stand once.
func (s *scope) one(name string) *nginx.Directive {
	found := s.find(name)
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// mine are the block's own of a name.
func (s *scope) mine(name string) []*nginx.Directive {
	var found []*nginx.Directive
	for _, d := range s.own {
		if d.Name == name {
			found = append(found, d)
		}
	}
	return found
}

// arg is an argument of a directive, "" where it has none.
func arg(d *nginx.Directive, i int) string {
	if d == nil || i >= len(d.Args) {
		return ""
	}
	return d.Args[i]
}

// readNginx makes an entry of each directive and finds servers and upstreams.
func (c *conversion) readNginx(config *nginx.Config) *front {
	f := &front{conversion: c, entries: map[*nginx.Directive]*Entry{}, rows: NginxTable(), top: &scope{}}
	f.http = &scope{above: f.top}
	if config == nil {
		return f
	}
	nginx.All(config.Directives, func(d *nginx.Directive) {
		f.entries[d] = c.report.entry(d.File, d.Line, d.Name, d.String())
	})
	for _, p := range config.Problems {
		c.report.Problems = append(c.report.Problems, Problem(p))
	}
	f.top.own = config.Directives
	blocks := f.top.mine("http")
	for _, d := range blocks {
		f.http.own = append(f.http.own, d.Block...)
	}
	if len(blocks) == 0 {
		// A file of sites-enabled alone.
		f.http.own = config.Directives
	}
	for _, d := range f.http.own {
		switch {
		case d.Name == "upstream" && d.HasBlock:
			f.groups = append(f.groups, f.group(d))
		case d.Name == "server" && d.HasBlock:
			f.servers = append(f.servers, &server{d: d, scope: &scope{above: f.http, own: d.Block}})
		}
	}
	return f
}

// mark notes what became of directives.
func (f *front) mark(o Outcome, note string, list ...*nginx.Directive) {
	for _, d := range list {
		f.entries[d].mark(o, note)
	}
}

// ports are those on this machine that something is proxied to.
func (f *front) ports() map[int]bool {
	ports := map[int]bool{}
	add := func(address string) {
		if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().IsLoopback() {
			ports[int(at.Port())] = true
		}
	}
	for _, g := range f.groups {
		for _, m := range g.members {
			add(m.address)
		}
	}
	nginx.All(f.http.own, func(d *nginx.Directive) {
		if d.Name == "proxy_pass" {
			if address, ok := strings.CutPrefix(arg(d, 0), "http://"); ok {
				address, _, _ = strings.Cut(address, "/")
				add(addressOf(address))
			}
		}
	})
	return ports
}

// convert makes tables of all that was read.
func (f *front) convert() {
	for _, g := range f.groups {
		f.balance(g)
	}
	f.globals()
	f.sitesOf()
	if len(f.servers) > 0 {
		f.defaults()
	}
	f.unmarked(f.top.own, false)
}

// unmarked gives every directive that nothing has looked at what the table
// says of it; lost are those in a block that is not converted itself.
func (f *front) unmarked(list []*nginx.Directive, lost bool) {
	for _, d := range list {
		e := f.entries[d]
		row := find(f.rows, d.Name)
		switch {
		case e.Outcome != "":
		case row == nil:
			e.mark(Unsupported, "webstack import does not know it")
		case d.Name == "default_type" && arg(d, 0) == "application/octet-stream":
			e.mark(Converted, "what webstack says of a file of an unknown kind")
		case lost && row.Becomes != "-":
			e.mark(Unsupported, "what it stands in is not supported")
		case row.Outcome == Converted && row.Becomes != "-":
			e.mark(Converted, "nothing here needs it")
		default:
			e.mark(row.Outcome, row.Note)
		}
		f.unmarked(d.Block, lost || d.HasBlock && e.Outcome == Unsupported)
	}
}

// defaults are differences of what nobody wrote down.
func (f *front) defaults() {
	proxied := false
	nginx.All(f.http.own, func(d *nginx.Directive) { proxied = proxied || d.Name == "proxy_pass" })
	if !proxied {
		return
	}
	f.report.note("applications get X-Real-IP, X-Forwarded-For and X-Forwarded-Proto from webstack on every request; a client's own are believed from trusted_proxies alone")
	f.report.note("a WebSocket passes without being asked for; upgrade = [] turns that off")
	f.report.note("an application's Server field is passed on, and its answer as it comes: nothing is held back to be spooled")
	f.report.note("a request's body is passed on as it comes unless request_buffer = true")
	f.report.note("a connection to an instance may take 5 s (connect_timeout), not 60; a request is tried on 2 other instances at most (tries)")
}
