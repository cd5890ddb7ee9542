package importer

import (
	"path"
	"strconv"
	"strings"
)

// pm2Programs reads an ecosystem file in JSON. One in JavaScript is a program,
// which only node can run.
func (c *conversion) pm2Programs(t Text) []*program {
	root, line, err := readJSON(t.Data)
	if err != nil {
		c.report.Problems = append(c.report.Problems, Problem{t.Name, line, "it is not JSON: " + oneLine(err.Error()) + "; of an ecosystem.config.js, node -p 'JSON.stringify(require(\"./ecosystem.config.js\"))' makes it"})
		return nil
	}
	apps := root.get("apps")
	switch {
	case root.kind == '[':
		apps = root
	case apps == nil && root.get("script") != nil:
		apps = &value{kind: '[', values: []*value{root}}
	case apps != nil && apps.kind == '{':
		apps = &value{kind: '[', values: []*value{apps}}
	}
	for i, key := range root.keys {
		if apps != root && key != "apps" && root.get("script") == nil {
			c.report.entry(t.Name, root.values[i].line, key, key).mark(Unsupported, "left out: pm2 deploy has no counterpart here yet")
		}
	}
	if apps == nil || apps.kind != '[' {
		c.report.Problems = append(c.report.Problems, Problem{t.Name, line, `there is no list "apps" in it`})
		return nil
	}
	var all []*program
	for _, v := range apps.values {
		if v.kind != '{' {
			c.report.Problems = append(c.report.Problems, Problem{t.Name, v.line, "an app is an object"})
			continue
		}
		all = append(all, c.pm2App(t, v)...)
	}
	return all
}

// ecosystem is one app of an ecosystem file.
type ecosystem struct {
	*conversion
	v       *value
	entries map[string]*Entry
}

// take is a key's value, which is converted with that.
func (e *ecosystem) take(keys ...string) *value {
	for _, key := range keys {
		if v := e.v.get(key); v != nil {
			e.entries[key].mark(Converted, "")
			return v
		}
	}
	return nil
}

func (e *ecosystem) text(keys ...string) string {
	if v := e.take(keys...); v != nil {
		return v.text
	}
	return ""
}

// pm2App is the processes of one app.
func (c *conversion) pm2App(t Text, v *value) []*program {
	e := &ecosystem{conversion: c, v: v, entries: map[string]*Entry{}}
	p := program{from: place(t.Name, v.line)}
	for i, key := range v.keys {
		shown := key
		if inner := v.values[i]; inner.kind != '{' && inner.kind != '[' {
			shown += ": " + inner.text
		}
		entry := c.report.entry(t.Name, v.values[i].line, key, shown)
		e.entries[key] = entry
		p.entries = append(p.entries, entry)
	}
	p.name = e.text("name")
	e.command(&p)
	if p.name == "" {
		p.name = strings.TrimSuffix(path.Base(e.text("script")), path.Ext(e.text("script")))
	}
	p.from += ": " + oneLine(p.name)
	if p.user = e.text("user", "uid"); p.user == "" {
		p.user = c.opts.User
		p.remarks = append(p.remarks, "No user is named there: "+c.opts.User+" is assumed.")
	}
	e.environment(&p)
	e.settings(&p)
	count := e.count()
	rows := PM2Table()
	for key, entry := range e.entries {
		if row := find(rows, key); entry.Outcome == "" && row != nil {
			entry.mark(row.Outcome, row.Note)
		} else if row != nil && row.Outcome == Differs {
			entry.mark(Differs, row.Note)
		}
	}
	var all []*program
	for i := range count {
		one := p
		one.argv = append([]string(nil), p.argv...)
		one.number = i
		if p.hint > 0 {
			one.hint = p.hint + i
			one.env = append([][2]string{{"PORT", strconv.Itoa(one.hint)}}, p.env...)
		}
		all = append(all, &one)
	}
	return all
}

// interpreters are what pm2 runs a script by, by its ending.
var interpreters = map[string]string{
	".js": "node", ".mjs": "node", ".cjs": "node", ".py": "python3", ".rb": "ruby", ".sh": "bash", ".php": "php", ".pl": "perl", ".ts": "bun",
}

// command puts the command line together.
func (e *ecosystem) command(p *program) {
	p.dir = e.text("cwd")
	if !strings.HasPrefix(p.dir, "/") {
		p.dir = path.Join(e.opts.Folder, p.dir)
	}
	p.command = e.entries["script"]
	script := e.take("script", "exec").words()
	if len(script) == 0 {
		p.closed = "it has no script"
		return
	}
	interpreter := e.text("interpreter", "exec_interpreter")
	if interpreter == "" {
		interpreter = interpreters[path.Ext(script[0])]
	}
	if interpreter == "none" {
		interpreter = ""
	}
	if interpreter != "" {
		p.argv = append(append(p.argv, interpreter), e.take("interpreter_args", "node_args").words()...)
	}
	if interpreter != "" && !strings.HasPrefix(script[0], "/") {
		script[0] = path.Join(p.dir, script[0])
	}
	p.argv = append(append(p.argv, script...), e.take("args").words()...)
}

// environment reads env; PORT is where the instances' ports begin.
func (e *ecosystem) environment(p *program) {
	env := e.take("env")
	if env == nil {
		return
	}
	for i, name := range env.keys {
		text := env.values[i].text
		port, err := strconv.Atoi(text)
		switch {
		case env.values[i].kind == '{' || env.values[i].kind == '[':
			e.entries["env"].mark(Unsupported, oneLine(name)+" is no text: it is left out")
		case name == "PORT" && err == nil && 0 < port && port <= 65535:
			p.hint = port
		case name == "PORT" || name == "INSTANCE" || strings.HasPrefix(name, "WEBSTACK_"):
			e.entries["env"].mark(Unsupported, name+" is webstack's own to set: it is left out")
		default:
			p.env = append(p.env, [2]string{name, text})
		}
	}
}

// count is how many processes there are.
func (e *ecosystem) count() int {
	text := e.text("instances")
	switch n, err := strconv.Atoi(text); {
	case text == "":
		return 1
	case err == nil && 1 <= n && n <= maxProcesses:
		return n
	case text == "max" || err == nil && n <= 0:
		e.entries["instances"].mark(Differs, "pm2 counts the processors; two are written here")
		return 2
	}
	e.entries["instances"].mark(Unsupported, "it is no number of instances")
	return 1
}

// settings converts the rest.
func (e *ecosystem) settings(p *program) {
	if gid := e.text("gid"); gid != "" {
		p.set("group", quote(gid))
	}
	if v := e.take("autorestart"); v != nil && v.text == "false" {
		p.set("restart", quote("never"))
	}
	if codes := e.take("stop_exit_codes"); codes != nil {
		var list []string
		for _, code := range codes.words() {
			if n := integer(code); n != "" && n != "0" {
				list = append(list, n)
			}
		}
		if len(list) > 0 {
			p.set("success_exit", "["+strings.Join(list, ", ")+"]")
		}
	}
	for _, k := range []struct{ theirs, ours string }{
		{"restart_delay", "restart_delay"}, {"listen_timeout", "start_timeout"}, {"kill_timeout", "stop_timeout"},
	} {
		if v := e.take(k.theirs); v != nil {
			if n := integer(v.text); n != "" && n != "0" {
				p.set(k.ours, quote(n+"ms"))
			} else {
				e.entries[k.theirs].mark(Unsupported, "its value is not understood")
			}
		}
	}
	if v := e.take("treekill"); v != nil && v.text == "false" {
		p.set("stop_kill", quote("process"))
	}
	if v := e.take("max_memory_restart"); v != nil {
		if n, ok := parseSize(strings.TrimSuffix(v.text, "B")); ok && n > 0 {
			p.set("limits", "{ memory = "+size(n)+" }")
		} else {
			e.entries["max_memory_restart"].mark(Unsupported, "its value is not understood")
		}
	}
}
