package spec

// Status says whether a key does something in this version.
type Status int

const (
	// Ready keys work.
	Ready Status = iota
	// Next keys are reserved: any value but the key's off is refused, so that
	// nobody believes that it works.
	Next
)

// Key is one key of the spec: the one row that parsing, "did you mean",
// inheritance, the JSON schema and the reference are made from.
type Key struct {
	Name string
	Type Type
	// Default is the built-in value as TOML text; "" is none.
	Default string
	// Otherwise says in words what holds without the key, where Default
	// cannot.
	Otherwise string
	Required  bool
	Status    Status
	// Inherited keys come from the table above where they are absent: an
	// app's from the app that like names, a route's from its site.
	Inherited bool
	// Action marks the route keys of which exactly one is given; For names
	// the actions that a route key is about, "" for all.
	Action bool
	For    string
	// Secret values are masked in what is shown.
	Secret bool
	// Doc is one sentence for the reference.
	Doc string
	// Replaces are the names that other software has for it, "nginx expires":
	// for the mapping in the reference, and for who types one of them.
	Replaces []string
}

// Type is what a key's value may be.
type Type struct {
	// Says is the type in the reference and in messages: "a duration such as
	// "30s"".
	Says string
	// parse turns a value into what the model holds, or reports why not.
	parse func(c *checker, k *Key, n *node) (any, bool)
	// schema is the JSON schema of the value.
	schema object
	// table is the fixed keys of a table value.
	table *Table
}

// object is one JSON object of the JSON schema.
type object = map[string]any

// Table is the keys of one kind of table.
type Table struct {
	// Header is how the operator writes it: "[app.NAME]".
	Header string
	// Noun is what messages call it: "an app".
	Noun string
	Doc  string
	Keys []Key
}

// key finds a key by name.
func (t *Table) key(name string) *Key {
	for i := range t.Keys {
		if t.Keys[i].Name == name {
			return &t.Keys[i]
		}
	}
	return nil
}

// must is key for names that the code itself writes: a missing one is a bug
// that every test finds.
func (t *Table) must(name string) *Key {
	k := t.key(name)
	if k == nil {
		panic("spec: no key " + name + " in " + t.Header)
	}
	return k
}

// schema is all tables. It is built for each parse: a value, not a global.
type schema struct {
	root, app, upstream, site, route, proxy, server, limits *Table
	health, watchdog, deploy, change                        *Table
}

func newSchema() *schema {
	s := &schema{server: serverTable(), limits: limitsTable(), watchdog: watchdogTable(), deploy: deployTable(), change: changeTable()}
	s.health = healthTable(s.watchdog)
	s.app = appTable(s)
	s.upstream = upstreamTable(s)
	s.route = routeTable()
	s.site = siteTable(s.route)
	s.proxy = proxyTable()
	s.root = rootTable(s.change)
	return s
}

// tables lists them in the reference's order.
func (s *schema) tables() []*Table {
	return []*Table{s.app, s.limits, s.health, s.watchdog, s.deploy, s.upstream, s.server, s.site, s.route, s.proxy, s.change, s.root}
}

// rootTable is what stands outside of all tables. app, upstream and site hold
// tables by name; their own keys are in tables of their own.
func rootTable(change *Table) *Table {
	return &Table{
		Header: "(top level)", Noun: "the top level",
		Doc: "Tables come as `[app.NAME]`, `[upstream.NAME]`, `[site.NAME]` and `[proxy]`.",
		Keys: []Key{
			{Name: "app", Type: namedTables(), Doc: "Apps by name."},
			{Name: "upstream", Type: namedTables(), Doc: "Lists of servers by name."},
			{Name: "site", Type: namedTables(), Doc: "Sites by name."},
			{Name: "proxy", Type: namedTables(), Doc: "What applies to every connection."},
			{Name: "metrics", Type: reserved(object{"type": "object"}), Status: Next, Doc: "Where metrics are served: `listen`."},
			{Name: "on_change", Type: changes(change), Doc: "Commands that are run and URLs that are posted to when an instance, an upstream or the proxy changes."},
		},
	}
}
