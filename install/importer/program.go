package importer

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// program is one process that something else runs today.
type program struct {
	// name is its own, group that of its group, both as they are there.
	name, group string
	argv        []string
	user, dir   string
	umask       string
	env         [][2]string
	// number is its number among the processes of its section, from 0.
	number int
	// hint is a port that its environment gives it, 0 for none.
	hint int
	// keys are what else is said of it, in the order of the spec's reference.
	keys []pair
	// from is where it comes from; entries are the keys that it is made of.
	from    string
	entries []*Entry
	// command is the entry of its command line.
	command *Entry
	// closed is why it cannot be run as it stands, "" for nothing.
	closed  string
	remarks []string
}

func (p *program) set(key, value string) { p.keys = append(p.keys, pair{key, value}) }

// app is what several programs become.
type app struct {
	name  string
	ports []int
	table *table
	// keys are the table's, balanced says that an upstream has added its own.
	keys     []pair
	balanced bool
}

// shape is a command line with its port, or its number, taken out.
type shape struct {
	argv []string
	env  [][2]string
	port int
}

// number is a run of digits in a text.
type number struct{ start, end, value int }

// numbersOf are the runs of digits of a text that could be a port.
func numbersOf(s string) []number {
	var all []number
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && '0' <= s[j] && s[j] <= '9' {
			j++
		}
		if v, err := strconv.Atoi(s[i:j]); err == nil {
			all = append(all, number{i, j, v})
		}
		i = j
	}
	return all
}

// portOf finds the port that a program listens on: one that something is
// proxied to, else one that its command line calls so.
func (p *program) portOf(proxied map[int]bool) int {
	if p.hint > 0 {
		return p.hint
	}
	named := 0
	texts := slices.Clone(p.argv)
	for _, e := range p.env {
		texts = append(texts, strings.ToLower(e[0])+"="+e[1])
	}
	for i, s := range texts {
		if i == 0 {
			continue // a version in the program's name is no port
		}
		for _, n := range numbersOf(s) {
			switch {
			case proxied[n.value] && n.value > 0:
				return n.value
			case named == 0 && 1024 <= n.value && n.value <= 65535 && announced(texts, i, s[:n.start]):
				named = n.value
			}
		}
	}
	return named
}

// announced says whether what stands before a number calls it a port.
func announced(texts []string, i int, before string) bool {
	if before == "" && i > 0 {
		before = strings.TrimRight(texts[i-1], " ") + " "
		return strings.HasSuffix(before, "port ") || before == "-p " || before == "--listen " || before == "-l "
	}
	before = strings.ToLower(before)
	return strings.HasSuffix(before, "port=") || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "-p")
}

// shapeOf takes a port out of a command line: all that is left must be the
// same for programs that become one app.
func (p *program) shapeOf(port int) shape {
	out := shape{port: port}
	replace := func(s string) string {
		if port == 0 {
			return literal(s)
		}
		var b strings.Builder
		at := 0
		for _, n := range numbersOf(s) {
			if n.value == port && n.end-n.start == len(strconv.Itoa(port)) {
				b.WriteString(literal(s[at:n.start]) + "{port}")
				at = n.end
			}
		}
		return b.String() + literal(s[at:])
	}
	for i, a := range p.argv {
		if i == 0 {
			out.argv = append(out.argv, literal(a))
			continue
		}
		out.argv = append(out.argv, replace(a))
	}
	for _, e := range p.env {
		value := replace(e[1])
		if e[0] == "PORT" && value == "{port}" {
			continue // always set
		}
		out.env = append(out.env, [2]string{e[0], value})
	}
	return out
}

// key is what two programs must have alike to become one app.
func (p *program) key(s shape) string {
	return fmt.Sprint(p.group, "\x00", p.user, "\x00", p.dir, "\x00", p.umask, "\x00", p.closed, "\x00", s.port > 0, "\x00",
		strings.Join(s.argv, "\x01"), "\x00", s.env, "\x00", p.keys)
}

// find makes the program's path absolute.
func (c *conversion) find(p *program) {
	if len(p.argv) == 0 {
		p.closed = "it has no command"
		return
	}
	name := p.argv[0]
	switch {
	case strings.HasPrefix(name, "/"):
	case strings.Contains(name, "/"):
		p.argv[0] = path.Join("/", p.dir, name)
	default:
		found := ""
		if c.opts.Find != nil {
			found = c.opts.Find(name)
		}
		if found == "" {
			found = "/usr/bin/" + name
			p.command.mark(Differs, fmt.Sprintf("%s is not found here; /usr/bin/%s is assumed", oneLine(name), oneLine(name)))
		} else {
			p.command.mark(Converted, found)
		}
		p.argv[0] = found
	}
}
