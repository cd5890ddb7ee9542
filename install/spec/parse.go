package spec

import (
	"strings"
	"time"
)

// Parse reads the files of a spec, in the order in which they are merged, and
// returns the spec, or everything that is wrong with it, sorted by file, line
// and column.
func Parse(files []File) (*Spec, []Diagnostic) {
	c := newChecker()
	root := &node{kind: tableKind}
	order := map[string]int{}
	sources := map[string][]string{}
	for i, f := range files {
		src := newSource(f, i)
		order[f.Name] = i
		sources[f.Name] = strings.Split(strings.ReplaceAll(src.text, "\r\n", "\n"), "\n")
		tree, whole := readTree(src, func(d Diagnostic) { c.diags = append(c.diags, d) })
		c.truncated = c.truncated || !whole
		if i == 0 {
			root.at = tree.at
		}
		c.merge(root, tree, f.Override, "")
	}
	c.checkRoot(root)
	s := c.build(root)
	if len(c.diags) > 0 {
		return nil, sortDiagnostics(c.diags, order)
	}
	s.sources = sources
	s.effective = c.effective
	s.positions = make(map[string]Position, len(c.where))
	for key, at := range c.where {
		s.positions[key] = at.position()
	}
	return s, nil
}

// build makes the model out of a checked tree, and checks what goes beyond a
// single key.
func (c *checker) build(root *node) *Spec {
	b := &builder{checker: c, root: root, apps: map[string]*appNode{}, upstreams: map[string]*node{}}
	b.names()
	s := &Spec{}
	for _, n := range b.tables("app") {
		s.Apps = append(s.Apps, b.app(n))
	}
	for _, n := range b.tables("upstream") {
		s.Upstreams = append(s.Upstreams, b.upstream(n))
	}
	for _, n := range b.tables("site") {
		s.Sites = append(s.Sites, b.site(n, s))
	}
	s.Proxy = b.proxy()
	s.OnChange = b.changes()
	b.dependencies(s)
	b.unitNames()
	b.appPorts()
	b.listeners()
	b.siteHosts()
	b.proxyPeers()
	return s
}

// builder holds what the tables of a spec know of each other.
type builder struct {
	*checker
	root      *node
	apps      map[string]*appNode
	order     []*appNode
	upstreams map[string]*node
	sites     []*siteNode
}

// tables are the named tables of one kind, without what is no table.
func (b *builder) tables(group string) []*node {
	var all []*node
	g := b.root.entry(group)
	if g == nil || g.kind != tableKind {
		return nil
	}
	for _, n := range g.entries {
		if n.kind == tableKind {
			all = append(all, n)
		}
	}
	return all
}

// names registers what others may refer to, before anything does.
func (b *builder) names() {
	for _, n := range b.tables("app") {
		a := &appNode{node: n}
		b.apps[n.name] = a
		b.order = append(b.order, a)
	}
	for _, n := range b.tables("upstream") {
		b.upstreams[n.name] = n
		if a := b.apps[n.name]; a != nil {
			b.fail(n.key, "rename one of them: an app's instances are an upstream of the app's name", "upstream %s has the name of an app (%s)", show(n.name), a.node.key.place())
		}
	}
	for i, n := range b.tables("app") {
		b.order[i].above = b.likeChain(n)
	}
	if len(b.root.entries) == 0 && len(b.diags) == 0 && !b.truncated {
		b.fail(b.root.at, "write an [app.NAME] and a [site.NAME]; `webstack init` makes a first one", "the spec is empty")
	}
}

// proxy builds [proxy].
func (b *builder) proxy() Proxy {
	n := b.root.entry("proxy")
	if n == nil || n.kind != tableKind {
		n = &node{kind: tableKind, name: "proxy"}
	}
	l := lookup{checker: b.checker, table: b.schema.proxy, own: n, path: "proxy", noun: "proxy"}
	b.where["proxy"] = n.key
	return Proxy{
		TrustedProxies:   get[[]string](l, "trusted_proxies"),
		HeadTimeout:      get[time.Duration](l, "head_timeout"),
		BodyTimeout:      get[time.Duration](l, "body_timeout"),
		SendTimeout:      get[time.Duration](l, "send_timeout"),
		KeepaliveTimeout: get[time.Duration](l, "keepalive_timeout"),
		AccessLog:        get[string](l, "access_log"),
		AccessFormat:     get[string](l, "access_format"),
		MaxConnections:   get[int](l, "max_connections"),
		MaxPerClient:     get[int](l, "max_connections_per_client"),
		Loops:            get[int](l, "loops"),
		StopGrace:        get[time.Duration](l, "stop_grace"),
		StopTimeout:      get[time.Duration](l, "stop_timeout"),
	}
}
