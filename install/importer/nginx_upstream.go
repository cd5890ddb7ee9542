package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/install/importer/nginx"
)

// group is a list of servers: an upstream block, or the address of a
// proxy_pass.
type group struct {
	name    string
	d       *nginx.Directive
	members []member
	// keys are what is said of balancing.
	keys []pair
	// connect is the longest proxy_connect_timeout of who goes there.
	connect time.Duration
	// table is what it became, nil where nobody goes there, or where it is an
	// app.
	table *table
	app   *app
}

// member is one server of a group.
type member struct {
	d       *nginx.Directive
	address string
	weight  int
	backup  bool
	down    bool
}

// addressOf writes an address of nginx as a spec does: with a port, and
// localhost as what it is on every machine.
func addressOf(s string) string {
	if path, unix := strings.CutPrefix(s, "unix:"); unix {
		return "unix:" + strings.TrimSuffix(path, ":")
	}
	if s == "" {
		return s
	}
	host, port := s, "80"
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	return host + ":" + port
}

// group reads an upstream block.
func (f *front) group(d *nginx.Directive) *group {
	g := &group{name: arg(d, 0), d: d}
	fails, timeouts, conns := map[string]bool{}, map[string]bool{}, map[string]bool{}
	inner := &scope{own: d.Block}
	for _, s := range inner.mine("server") {
		m := member{d: s, address: addressOf(arg(s, 0)), weight: 1}
		fail, timeout, most := "1", "10s", "0"
		f.mark(Converted, "", s)
		for _, a := range s.Args[min(1, len(s.Args)):] {
			key, value, _ := strings.Cut(a, "=")
			switch key {
			case "weight":
				m.weight, _ = strconv.Atoi(value)
				m.weight = max(m.weight, 1)
			case "max_fails":
				fail = value
			case "fail_timeout":
				timeout = value
			case "max_conns":
				most = value
			case "backup":
				m.backup = true
			case "down":
				m.down = true
			case "slow_start":
				f.mark(Differs, "slow_start is not in this version: a server that comes back gets its share at once", s)
			default:
				f.mark(Unsupported, a+" is left out", s)
			}
		}
		fails[fail], timeouts[timeout], conns[most] = true, true, true
		g.members = append(g.members, m)
	}
	f.mark(Converted, "", d)
	f.shared(g, "max_fails", fails, "1", func(v string) string { return integer(v) })
	f.shared(g, "fail_timeout", timeouts, "10s", timeValue)
	f.shared(g, "max_in_flight", conns, "0", func(v string) string { return integer(v) })
	return g
}

// integer is v where it is a number, else "".
func integer(v string) string {
	if n, err := strconv.ParseUint(v, 10, 30); err == nil {
		return strconv.FormatUint(n, 10)
	}
	return ""
}

func timeValue(v string) string {
	d, ok := parseTime(v)
	if !ok || d == 0 {
		return ""
	}
	return duration(d)
}

// shared sets a key that nginx has for each server and a spec for all.
func (f *front) shared(g *group, key string, values map[string]bool, builtIn string, write func(string) string) {
	list := make([]string, 0, len(values))
	for v := range values {
		list = append(list, v)
	}
	slices.Sort(list)
	switch {
	case len(list) == 1 && list[0] != builtIn:
		if value := write(list[0]); value != "" {
			g.keys = append(g.keys, pair{key, value})
		} else {
			f.mark(Unsupported, fmt.Sprintf("%s of %s is not understood", key, oneLine(list[0])), g.d)
		}
	case len(list) > 1:
		f.mark(Differs, fmt.Sprintf("the servers differ in %s (%s), which is one for all here: the default holds", key, oneLine(strings.Join(list, ", "))), g.d)
	}
}

// balance converts the rest of an upstream block.
func (f *front) balance(g *group) {
	for _, d := range g.d.Block {
		first := arg(d, 0)
		switch d.Name {
		case "least_conn":
			f.key(g, d, "balance", quote("least-in-flight"))
		case "random":
			f.key(g, d, "balance", quote("random-two"))
			if first != "two" {
				f.mark(Differs, "the better of two is taken, not one alone", d)
			}
		case "keepalive", "keepalive_requests":
			f.key(g, d, d.Name, integer(first))
		case "keepalive_timeout":
			f.key(g, d, d.Name, timeValue(first))
		case "queue":
			f.key(g, d, "queue", integer(first))
			if timeout, ok := strings.CutPrefix(arg(d, 1), "timeout="); ok {
				f.key(g, d, "queue_timeout", timeValue(timeout))
			}
		}
	}
}

// key sets one key of a group, or says that its value is not understood.
func (f *front) key(g *group, d *nginx.Directive, key, value string) {
	if value == "" {
		f.mark(Unsupported, "its value is not understood", d)
		return
	}
	f.mark(Converted, key, d)
	if !slices.ContainsFunc(g.keys, func(p pair) bool { return p.key == key }) {
		g.keys = append(g.keys, pair{key, value})
	}
}
