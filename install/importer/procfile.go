package importer

import (
	"fmt"
	"strings"
)

// portStep is how far foreman keeps the ports of two kinds of process apart.
const portStep = 100

// procfilePrograms reads a Procfile: a line is "name: command", run by a shell
// with PORT set.
func (c *conversion) procfilePrograms(t Text) []*program {
	var all []*program
	number := 0
	for line := range strings.Lines(t.Data) {
		number++
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, command, found := strings.Cut(text, ":")
		name, command = strings.TrimSpace(name), strings.TrimSpace(command)
		e := c.report.entry(t.Name, number, name, text)
		if !found || command == "" || strings.ContainsAny(name, " \t") {
			e.Name = oneLine(text)
			e.mark(Unsupported, "it is no line of a Procfile: name: command")
			c.report.Problems = append(c.report.Problems, Problem{t.Name, number, fmt.Sprintf("%q is no line of a Procfile", oneLine(text))})
			continue
		}
		port := c.opts.PortBase + portStep*len(all)
		all = append(all, c.procfileProgram(t, e, number, name, command, port))
	}
	return all
}

func (c *conversion) procfileProgram(t Text, e *Entry, line int, name, text string, port int) *program {
	p := &program{
		name: name, user: c.opts.User, dir: c.opts.Folder, from: place(t.Name, line) + ": " + oneLine(name),
		entries: []*Entry{e}, command: e,
		remarks: []string{"A Procfile names no user: " + c.opts.User + " is assumed."},
	}
	e.mark(Converted, "command")
	uses := strings.Contains(text, "$PORT") || strings.Contains(text, "${PORT}") || strings.Contains(text, "${PORT:-")
	if uses || name == "web" {
		p.hint = port
	}
	filled := strings.NewReplacer("${PORT}", fmt.Sprint(port), "$PORT", fmt.Sprint(port)).Replace(text)
	if strings.ContainsAny(filled, "$`|&;<>*?~#()\\!\n") || strings.Contains(strings.Fields(filled)[0], "=") {
		e.mark(Differs, "a shell runs it, as foreman has it")
		p.argv = []string{"/bin/sh", "-c", "exec " + text}
		if strings.ContainsAny(text, "|&;<>()") || strings.Contains(strings.Fields(text)[0], "=") {
			p.argv[2] = text
		}
		return p
	}
	argv, err := split(filled)
	if err != nil {
		e.mark(Unsupported, err.Error())
		p.closed = "its command cannot be split: " + err.Error()
	}
	p.argv = argv
	return p
}
