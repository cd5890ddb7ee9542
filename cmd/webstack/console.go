package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/units/bus"
)

// console is where the command talks: data on one stream, progress and errors
// on the other, with the colours and the characters that the terminal has.
type console struct {
	stdout, stderr io.Writer
	// terminal says that a person reads stderr.
	terminal bool
	color    bool
	ascii    bool
	// flags of the root command
	quiet   bool
	json    bool
	noColor bool
}

func newConsole(stdout, stderr *os.File, getenv func(string) string) *console {
	locale := getenv("LC_ALL")
	if locale == "" {
		locale = getenv("LC_CTYPE")
	}
	if locale == "" {
		locale = getenv("LANG")
	}
	utf8 := strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8")
	terminal := term.IsTerminal(int(stderr.Fd())) && getenv("TERM") != "dumb"
	return &console{
		stdout: stdout, stderr: stderr, terminal: terminal,
		color: terminal && term.IsTerminal(int(stdout.Fd())) && getenv("NO_COLOR") == "",
		ascii: !utf8,
	}
}

// printf writes data.
func (c *console) printf(format string, args ...any) {
	io.WriteString(c.stdout, c.characters(fmt.Sprintf(format, args...)))
}

// progress writes what a person waits for; --quiet and --json keep it back.
func (c *console) progress(format string, args ...any) {
	if !c.quiet && !c.json {
		io.WriteString(c.stderr, c.characters(fmt.Sprintf(format, args...)))
	}
}

// characters replaces what a terminal without UTF-8 cannot show.
func (c *console) characters(s string) string {
	if !c.ascii {
		return s
	}
	s = strings.NewReplacer("…", "...", "✓", "ok", "→", "->", "×", "x").Replace(s)
	return strings.Map(func(r rune) rune {
		if r > 0x7f {
			return '?'
		}
		return r
	}, s)
}

// paint colours a word for a terminal.
func (c *console) paint(code, s string) string {
	if !c.color || c.noColor || c.json {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (c *console) good(s string) string { return c.paint("32", s) }
func (c *console) bad(s string) string  { return c.paint("31", s) }
func (c *console) warn(s string) string { return c.paint("33", s) }
func (c *console) bold(s string) string { return c.paint("1", s) }

// document writes one JSON document, indented.
func (c *console) document(v any) error {
	e := json.NewEncoder(c.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// fail prints an error once and returns the exit code.
func (c *console) fail(err error) int {
	code := exitCode(err)
	if err == nil || err.Error() == "" {
		return code
	}
	doc := failureDocument{Version: documentVersion, Error: failure{Code: code, Message: err.Error(), Hint: hintFor(err)}}
	for _, e := range flatten(err) {
		c.complain(c.bad("error:"), e.Error())
		var unit *install.UnitError
		if errors.As(e, &unit) {
			for _, line := range unit.Log {
				fmt.Fprintf(c.stderr, "    %s\n", clip(printable(line)))
			}
			c.complain("hint:", fmt.Sprintf("journalctl -u %s -n 50", unit.Unit))
			doc.Error.Units = append(doc.Error.Units, failedUnit{Unit: unit.Unit, Log: append([]string{}, unit.Log...)})
		}
	}
	if doc.Error.Hint != "" {
		c.complain("hint:", doc.Error.Hint)
	}
	if c.json && c.document(doc) != nil {
		return code // nobody reads; stderr has it all
	}
	return code
}

// complain writes one line to stderr. What others wrote is in it, such as
// names of files and the words of an app.
func (c *console) complain(label, text string) {
	fmt.Fprintf(c.stderr, "webstack: %s %s\n", label, c.characters(printable(text)))
}

// flatten takes joined errors apart, so that each gets a line of its own.
func flatten(err error) []error {
	var status *statusError
	if errors.As(err, &status) && status.err != nil {
		return flatten(status.err)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || strings.Count(err.Error(), "\n") == 0 {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, flatten(e)...)
	}
	return list
}

// maxLogLine is how much of a line of an app's log is shown, in runes: a page
// of JSON on one line must not push the error off the screen.
const maxLogLine = 300

func clip(line string) string {
	if r := []rune(line); len(r) > maxLogLine {
		return string(r[:maxLogLine]) + " ..."
	}
	return line
}

// printable keeps a log line from steering the terminal.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, line)
}

// hintFor is the next thing to type.
func hintFor(err error) string {
	var status *statusError
	switch {
	case errors.As(err, &status) && status.hint != "":
		return status.hint
	case errors.Is(err, install.ErrState):
		state := install.DefaultPaths().State
		return fmt.Sprintf("put it back from a backup; or rm %s/current %s/pending, and webstack apply takes over what the spec names", state, state)
	case errors.Is(err, bus.ErrUnavailable):
		return "webstack drives systemd over the system bus; is this a machine that systemd has booted?"
	case exitCode(err) == exitPermission:
		return "run it as root"
	case errors.Is(err, install.ErrLocked):
		return "wait for it, or look at it with ps"
	}
	return ""
}

// diagnostics prints what is wrong with the spec and how many that is.
func (c *console) diagnostics(list []spec.Diagnostic) {
	for _, d := range list {
		fmt.Fprintln(c.stderr, c.characters(d.String()))
	}
	fmt.Fprintf(c.stderr, "%s. Nothing was changed.\n", count(len(list), "error"))
}

// count says "1 error", "2 errors".
func count[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
