package importer

import (
	"fmt"

	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/install/importer/supervisor"
)

// Text is one file that somebody runs from.
type Text struct{ Name, Data string }

// Sources are what is converted; each may be absent.
type Sources struct {
	Nginx      *nginx.Config
	Supervisor *supervisor.Config
	Procfile   *Text
	PM2        *Text
}

// Options are what the texts do not say.
type Options struct {
	// Prefix is nginx's own folder, which relative paths are below.
	Prefix string
	// Folder is where relative paths of programs begin.
	Folder string
	// User runs what names no user: a Procfile, an ecosystem file.
	User string
	// PortBase is the first port of a Procfile's processes.
	PortBase int
	// Env are the variables that "%(ENV_NAME)s" may name.
	Env map[string]string
	// Find tells where a program is that is named without a folder, "" where it
	// is not to be found. nil finds nothing.
	Find func(program string) string
}

// The defaults of nginx (Debian's), of foreman, and of a machine with a web
// server.
const (
	defaultPrefix   = "/usr/share/nginx"
	defaultUser     = "www-data"
	defaultPortBase = 5000
)

// Result is what came of an import.
type Result struct {
	// TOML is the spec, commented; install/spec takes it.
	TOML   string
	Report *Report
}

// conversion is one import under way.
type conversion struct {
	opts   Options
	report *Report
	doc    *document
	// proxy is [proxy].
	proxy *table
	// names of apps and upstreams are one set, those of sites another.
	names, sites names
	apps         []*app
}

// Convert makes a spec of the sources.
func Convert(s Sources, o Options) *Result {
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Folder == "" {
		o.Folder = "/"
	}
	if o.User == "" {
		o.User = defaultUser
	}
	if o.PortBase == 0 {
		o.PortBase = defaultPortBase
	}
	c := &conversion{
		opts: o, report: &Report{}, doc: &document{},
		proxy: &table{header: "[proxy]"}, names: names{}, sites: names{},
	}
	front := c.readNginx(s.Nginx)
	var programs []*program
	if s.Supervisor != nil {
		programs = append(programs, c.supervisorPrograms(s.Supervisor)...)
	}
	if s.Procfile != nil {
		programs = append(programs, c.procfilePrograms(*s.Procfile)...)
	}
	if s.PM2 != nil {
		programs = append(programs, c.pm2Programs(*s.PM2)...)
	}
	c.join(programs, front.ports())
	front.convert()
	c.assemble(front)
	text := c.settle()
	c.collect()
	return &Result{TOML: text, Report: c.report}
}

// assemble puts the tables into their order.
func (c *conversion) assemble(f *front) {
	c.doc.head = []string{
		"Written by `webstack import`. Above each table stands where it comes from.",
		"Look through what is marked NOT CONVERTED, then: webstack check, webstack diff.",
	}
	if len(c.proxy.pairs) > 0 {
		c.doc.add(c.proxy)
	}
	for _, a := range c.apps {
		c.doc.add(a.table)
	}
	c.doc.add(f.upstreamTables()...)
	c.doc.add(f.siteTables...)
}

// collect lists what is a comment.
func (c *conversion) collect() {
	for _, t := range c.doc.all() {
		if t.closed != "" {
			from := ""
			if len(t.from) > 0 {
				from = t.from[0]
			}
			c.report.Closed = append(c.report.Closed, Closed{Table: t.header, From: from, Reason: t.closed})
		}
	}
	for _, e := range c.report.Entries {
		if e.Outcome == "" {
			e.mark(Unsupported, fmt.Sprintf("webstack import does not know %s here", oneLine(e.Name)))
		}
	}
}
