package importer

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// join makes apps of programs: those that differ in their port alone are the
// instances of one app. proxied are the ports that nginx sends requests to.
func (c *conversion) join(programs []*program, proxied map[int]bool) {
	type cluster struct {
		members []*program
		shape   shape
		ports   []int
	}
	var clusters []*cluster
	index := map[string]*cluster{}
	taken := map[int]bool{}
	for _, p := range programs {
		c.find(p)
		port := p.portOf(proxied)
		if taken[port] {
			port = 0 // two on one port are no instances of anything
		}
		s := p.shapeOf(port)
		key := p.key(s)
		if index[key] == nil {
			index[key] = &cluster{shape: s}
			clusters = append(clusters, index[key])
		}
		k := index[key]
		k.members = append(k.members, p)
		if port > 0 {
			taken[port] = true
			k.ports = append(k.ports, port)
		}
	}
	for _, k := range clusters {
		c.app(k.members, k.shape, k.ports)
	}
}

// app writes one app.
func (c *conversion) app(members []*program, s shape, ports []int) {
	first := members[0]
	a := &app{name: c.names.free(appName(members), "app"), ports: ports}
	t := &table{header: "[app." + a.name + "]"}
	for _, p := range members {
		if !slices.Contains(t.from, p.from) {
			t.from = append(t.from, p.from)
		}
		for _, r := range p.remarks {
			if !slices.Contains(t.remarks, r) {
				t.remarks = append(t.remarks, r)
			}
		}
		t.entries = append(t.entries, p.entries...)
	}
	t.from = folded(t.from)
	t.set("command", command(s.argv))
	if len(ports) > 0 {
		t.set("ports", portList(ports))
	} else {
		t.set("instances", strconv.Itoa(len(members)))
	}
	if first.dir != "" && path.Clean(first.dir) != "/" {
		t.set("directory", quote(first.dir))
	}
	t.set("user", quote(first.user))
	if first.umask != "" {
		t.set("umask", quote(first.umask))
	}
	t.pairs = append(t.pairs, first.keys...)
	if len(s.env) > 0 {
		items := make([]string, 0, len(s.env))
		for _, e := range s.env {
			key := e[0]
			if strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" || key == "" {
				key = quote(key)
			}
			items = append(items, key+" = "+quote(e[1]))
		}
		t.set("env", "{ "+strings.Join(items, ", ")+" }")
	}
	if first.closed != "" {
		t.close(first.closed)
	}
	a.table = t
	c.apps = append(c.apps, a)
}

// appName is the group's name, else the part that the names of the programs
// have in common.
func appName(members []*program) string {
	first := members[0]
	if first.group != "" && len(members) > 1 {
		return first.group
	}
	common := first.name
	for _, p := range members[1:] {
		for !strings.HasPrefix(p.name, common) {
			common = common[:len(common)-1]
		}
	}
	if len(members) > 1 {
		common = strings.TrimRight(common, "-_0123456789.:")
	}
	return cmp.Or(common, first.group, first.name)
}

// maxFrom is how many places are listed above a table.
const maxFrom = 12

// folded shortens a list of places.
func folded(from []string) []string {
	if len(from) <= maxFrom {
		return from
	}
	return append(slices.Clone(from[:maxFrom]), fmt.Sprintf("and %d more", len(from)-maxFrom))
}

// portList writes ports as a spec has them: a run as a range.
func portList(ports []int) string {
	ports = slices.Clone(ports)
	slices.Sort(ports)
	var items []string
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		switch {
		case j > i:
			items = append(items, quote(fmt.Sprintf("%d-%d", ports[i], ports[j])))
		default:
			items = append(items, strconv.Itoa(ports[i]))
		}
		i = j + 1
	}
	if len(items) == 1 {
		return items[0]
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// command writes a command line: as a string where every argument is plain,
// else as the list of its arguments.
func command(argv []string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%{}[]()~*?!^"
	for _, a := range argv {
		if a == "" || strings.Trim(a, plain) != "" {
			return quoteAll(argv)
		}
	}
	return quote(strings.Join(argv, " "))
}

// split takes a command line apart as Python's shlex.split does, which
// supervisor uses: no shell looks at it.
func split(line string) ([]string, error) {
	var argv []string
	var b strings.Builder
	in, word := byte(0), false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case in == '\'' && c != '\'', in == '"' && c != '"' && c != '\\':
			b.WriteByte(c)
		case c == in && in != 0:
			in = 0
		case c == '\\':
			if i+1 == len(line) {
				return nil, fmt.Errorf("it ends in a backslash")
			}
			i++
			if in == '"' && line[i] != '"' && line[i] != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(line[i])
			word = true
		case c == '\'' || c == '"':
			in, word = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if word {
				argv = append(argv, b.String())
				b.Reset()
			}
			word = false
		default:
			b.WriteByte(c)
			word = true
		}
	}
	if in != 0 {
		return nil, fmt.Errorf("a quote is never closed")
	}
	if word {
		argv = append(argv, b.String())
	}
	return argv, nil
}
