package importer

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/webstack/webstack/install/importer/supervisor"
)

// maxProcesses bounds numprocs; a spec takes no more instances of one app.
const maxProcesses = 1024

// daemon is supervisord's side of a conversion.
type daemon struct {
	*conversion
	config *supervisor.Config
	// entries are by the address of a key in its section.
	entries map[string]*Entry
	// groupOf names the group of a program.
	groupOf map[string]string
	// env is what [supervisord] gives to all.
	env [][2]string
}

func keyID(k supervisor.Key) string { return fmt.Sprint(k.File, "\x00", k.Line, "\x00", k.Name) }

// supervisorPrograms reads every program.
func (c *conversion) supervisorPrograms(config *supervisor.Config) []*program {
	d := &daemon{conversion: c, config: config, entries: map[string]*Entry{}, groupOf: map[string]string{}}
	for _, p := range config.Problems {
		c.report.Problems = append(c.report.Problems, Problem(p))
	}
	d.account()
	var all []*program
	for _, s := range config.Sections {
		if s.Kind() == "program" {
			all = append(all, d.programs(s)...)
		}
	}
	rows := SupervisorTable()
	for _, s := range config.Sections {
		for _, k := range s.Keys {
			e := d.entries[keyID(k)]
			if row := find(rows, k.Name); e.Outcome == "" && s.Kind() == "program" && row != nil {
				e.mark(row.Outcome, row.Note)
			}
		}
	}
	return all
}

// account makes an entry of each key, and marks those that are of no program.
func (d *daemon) account() {
	sections := supervisorSections()
	for _, s := range d.config.Sections {
		row := find(sections, s.Kind())
		for _, k := range s.Replaced {
			e := d.report.entry(k.File, k.Line, k.Name, "["+s.Name+"] "+k.Name+"="+k.Value)
			e.mark(Converted, "another line of the same key holds")
		}
		for _, k := range s.Keys {
			e := d.report.entry(k.File, k.Line, k.Name, "["+s.Name+"] "+k.Name+"="+k.Value)
			d.entries[keyID(k)] = e
			if row != nil {
				e.mark(row.Outcome, row.Note)
			}
			switch {
			case s.Kind() == "group" && k.Name == "programs":
				for _, p := range strings.FieldsFunc(k.Value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
					d.groupOf[p] = s.Title()
				}
			case s.Name == "supervisord" && k.Name == "environment":
				d.env, _ = supervisor.Pairs(d.environ(k.Value))
				e.mark(Converted, "env of each app")
			case s.Name == "supervisord" && k.Name == "user" && k.Value != "root":
				e.mark(Differs, "programs without a user of their own run as it")
			}
		}
	}
}

// environ fills in what holds outside of a process.
func (d *daemon) environ(text string) string {
	filled, err := supervisor.Expand(text, d.value("", nil))
	if err != nil {
		return text
	}
	return filled
}

// value is what expressions stand for: those of the environment, and own.
func (d *daemon) value(file string, own map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if v, ok := own[name]; ok {
			return v, true
		}
		if env, ok := strings.CutPrefix(name, "ENV_"); ok {
			v, ok := d.opts.Env[env]
			return v, ok
		}
		switch name {
		case "here":
			return path.Dir(file), file != ""
		case "host_node_name":
			return "localhost", true
		}
		return "", false
	}
}

// programs are the processes of one section.
func (d *daemon) programs(s *supervisor.Section) []*program {
	count, first := 1, 0
	read := func(name string, into *int) {
		k, ok := s.Get(name)
		if !ok {
			return
		}
		n, err := strconv.Atoi(k.Value)
		if err != nil || n < 0 || n > 65535 {
			d.entries[keyID(k)].mark(Unsupported, "its value is not understood")
			return
		}
		d.entries[keyID(k)].mark(Converted, "")
		*into = n
	}
	read("numprocs", &count)
	read("numprocs_start", &first)
	if count < 1 || count > maxProcesses {
		k, _ := s.Get("numprocs")
		d.entries[keyID(k)].mark(Unsupported, fmt.Sprintf("an app has 1 to %d instances", maxProcesses))
		count = 1
	}
	var all []*program
	for i := range count {
		all = append(all, d.process(s, i, first+i, count))
	}
	d.settings(s, all)
	return all
}

// process is one process of a section.
func (d *daemon) process(s *supervisor.Section, i, number, count int) *program {
	title := s.Title()
	p := &program{name: title, group: d.groupOf[title], number: i, from: place(s.File, s.Line) + ": [" + oneLine(s.Name) + "]"}
	if count > 1 && p.group == "" {
		p.group = title
	}
	value := d.value(s.File, map[string]string{
		"program_name": title, "process_num": strconv.Itoa(number), "numprocs": strconv.Itoa(count),
		"group_name": p.group,
	})
	get := func(name string) string {
		k, ok := s.Get(name)
		if !ok {
			return ""
		}
		e := d.entries[keyID(k)]
		text, err := supervisor.Expand(k.Value, value)
		if err != nil {
			e.mark(Unsupported, err.Error())
			p.closed = place(k.File, k.Line) + ": " + oneLine(err.Error())
			return k.Value
		}
		e.mark(Converted, "")
		return text
	}
	for _, k := range s.Keys {
		p.entries = append(p.entries, d.entries[keyID(k)])
	}
	if k, ok := s.Get("command"); ok {
		p.command = d.entries[keyID(k)]
	}
	argv, err := split(get("command"))
	if err != nil {
		p.command.mark(Unsupported, err.Error())
		p.closed = "its command cannot be split: " + err.Error()
	}
	p.argv = argv
	if p.dir = get("directory"); strings.HasPrefix(p.dir, "~") {
		p.closed = "its directory begins with ~: write the folder out"
	} else if p.dir != "" && !strings.HasPrefix(p.dir, "/") {
		p.dir = path.Join(d.opts.Folder, p.dir)
	}
	p.user = get("user")
	if p.user == "" {
		p.user = "root"
		p.remarks = append(p.remarks, "No user is named there, so supervisord runs it as root. Name another.")
	}
	p.umask = get("umask")
	if n := len(p.umask); 0 < n && n < 3 {
		p.umask = strings.Repeat("0", 3-n) + p.umask
	}
	d.environment(s, p, get("environment"))
	return p
}

// environment reads the variables of a process.
func (d *daemon) environment(s *supervisor.Section, p *program, text string) {
	k, ok := s.Get("environment")
	e := d.entries[keyID(k)]
	if !ok {
		e = nil
	}
	pairs, err := supervisor.Pairs(text)
	if err != nil {
		e.mark(Unsupported, err.Error())
	}
	for _, v := range append(slices.Clone(d.env), pairs...) {
		port, errPort := strconv.Atoi(v[1])
		switch {
		case v[0] == "PORT" && errPort == nil:
			p.hint = port
		case v[0] == "PORT" || v[0] == "INSTANCE" || strings.HasPrefix(v[0], "WEBSTACK_"):
			e.mark(Unsupported, v[0]+" is webstack's own to set: it is left out")
			continue
		}
		p.env = slices.DeleteFunc(p.env, func(o [2]string) bool { return o[0] == v[0] })
		p.env = append(p.env, v)
	}
}

// shared reads and sets the keys that all processes of a section share.
type shared struct {
	*daemon
	section *supervisor.Section
	all     []*program
}

func (s shared) set(key, value string) {
	for _, p := range s.all {
		p.set(key, value)
	}
}

// get is a key's value in lower case, with its entry; nil where it is absent.
func (s shared) get(name string) (string, *Entry) {
	k, ok := s.section.Get(name)
	if !ok {
		return "", nil
	}
	return strings.ToLower(k.Value), s.entries[keyID(k)]
}

// settings converts the keys that all processes of a section share.
func (d *daemon) settings(section *supervisor.Section, all []*program) {
	s := shared{d, section, all}
	s.starts()
	s.stops()
	for _, name := range []string{"stdout_logfile", "stderr_logfile"} {
		if v, e := s.get(name); e != nil && (v == "auto" || v == "none" || v == "syslog" || strings.HasPrefix(v, "/dev/")) {
			e.mark(Converted, "the journal has it")
		}
	}
}

// starts converts when a program is started, and started again.
func (s shared) starts() {
	if v, e := s.get("autostart"); e != nil {
		e.mark(Converted, "start")
		if !truth(v) {
			s.set("start", quote("manual"))
		}
	}
	v, e := s.get("autorestart")
	e.mark(Converted, "restart")
	switch {
	case e == nil || v == "unexpected": // what holds where nothing is said
		s.set("restart", quote("on-failure"))
	case !truth(v):
		s.set("restart", quote("never"))
	}
	if v, e := s.get("exitcodes"); e != nil {
		e.mark(Converted, "success_exit")
		var codes []string
		for _, code := range strings.Split(v, ",") {
			if n := integer(strings.TrimSpace(code)); n != "" && n != "0" {
				codes = append(codes, n)
			}
		}
		if len(codes) > 0 {
			s.set("success_exit", "["+strings.Join(codes, ", ")+"]")
		}
	}
}

// stops converts how a program is asked to stop.
func (s shared) stops() {
	if v, e := s.get("stopsignal"); e != nil {
		e.mark(Converted, "stop_signal")
		if name := strings.TrimPrefix(strings.ToUpper(v), "SIG"); name != "TERM" {
			s.set("stop_signal", quote(name))
		}
	}
	if v, e := s.get("stopwaitsecs"); e != nil {
		if n := integer(v); n != "" && n != "0" {
			e.mark(Converted, "stop_timeout")
			s.set("stop_timeout", quote(n+"s"))
		} else {
			e.mark(Unsupported, "its value is not understood")
		}
	}
	asGroup, asked := s.get("stopasgroup")
	killed, forced := s.get("killasgroup")
	asked.mark(Converted, "stop_kill")
	forced.mark(Converted, "stop_kill")
	if asked != nil && !truth(asGroup) && !truth(killed) {
		s.set("stop_kill", quote("process"))
	}
}

// truth reads supervisor's booleans.
func truth(v string) bool { return slices.Contains([]string{"true", "yes", "on", "t", "1"}, v) }
