package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/webstack/webstack/install"
)

// try runs the command line without a machine.
func try(args ...string) (stdout, stderr string, code int) {
	var o, e bytes.Buffer
	out := &console{stdout: &o, stderr: &e}
	root := newRoot(out)
	root.SetArgs(args)
	code = out.fail(root.Execute())
	return o.String(), e.String(), code
}

func TestAWrongCommandLineIsSaidInWords(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"aply", `there is no verb "aply"`},
		{"apply now", `apply does not take "now"`},
		{"apply --bogus", "unknown flag: --bogus"},
		{"restart", "restart needs the name of an app or an instance"},
		{"pause", "pause needs APP..."},
		{"scale", "scale needs APP N|+N|-N"},
		{"scale shop", "scale needs APP N|+N|-N"},
		{"scale shop 1 2", `scale does not take "2"`},
		{"deploy", "deploy needs APP (--release DIR | --rollback)"},
		{"check a b", `check does not take "b"`},
		{"logs -n x", `invalid argument "x" for "-n, --lines" flag`},
		{"help nothing", `there is no verb "nothing"`},
		{"completion tcsh", `there is no verb "completion tcsh"`},
	} {
		_, stderr, code := try(strings.Fields(c.line)...)
		line, rest, _ := strings.Cut(stderr, "\n")
		if line != "webstack: error: "+c.want || code != exitUsage {
			t.Errorf("webstack %s: got %q and exit %d, want %q and %d", c.line, line, code, c.want, exitUsage)
		}
		if !strings.HasPrefix(rest, "webstack: hint: ") {
			t.Errorf("webstack %s: got %q, want a hint", c.line, rest)
		}
	}
}

func TestEveryHelpFitsATerminal(t *testing.T) {
	pages := []string{"--help"}
	for _, c := range newRoot(&console{}).Commands() {
		pages = append(pages, c.Name()+" --help")
	}
	for _, page := range pages {
		stdout, _, _ := try(strings.Fields(page)...)
		if stdout == "" {
			t.Errorf("webstack %s prints nothing", page)
		}
		for line := range strings.Lines(stdout) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns {
				t.Errorf("webstack %s: got %d columns, want %d at most: %s", page, n, columns, line)
			}
		}
	}
}

func TestAFailureIsOneDocument(t *testing.T) {
	for _, line := range []string{"--json restart", "check --json /does/not/exist", "cat --json --spec /does/not/exist"} {
		stdout, _, code := try(strings.Fields(line)...)
		var doc failureDocument
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
			t.Errorf("webstack %s: got %q: %v", line, stdout, err)
		}
		if doc.Version != documentVersion || doc.Error.Code != code || doc.Error.Message == "" {
			t.Errorf("webstack %s: got %+v and exit %d, want a version, the code and a message", line, doc, code)
		}
	}
}

func TestEveryFailedUnitIsShownWithItsLog(t *testing.T) {
	var stderr bytes.Buffer
	out := &console{stdout: &stderr, stderr: &stderr}
	err := errors.Join(
		&install.UnitError{Unit: "app@1.service", Err: errors.New("cannot start app@1.service"), Log: []string{"one \x1b]0;owned\a"}},
		&install.UnitError{Unit: "app@2.service", Err: errors.New("cannot start app@2.service"), Log: []string{strings.Repeat("x", 1<<20)}},
	)
	if code := out.fail(stopped(err, "webstack apply", "webstack rollback")); code != exitFailed {
		t.Errorf("got exit %d, want %d", code, exitFailed)
	}
	got := stderr.String()
	for _, want := range []string{
		"error: cannot start app@1.service\n    one ?]0;owned?\n", "error: cannot start app@2.service\n    xxx",
		"journalctl -u app@1.service", "`webstack apply` goes on from there",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %.2000q, want %q in it", got, want)
		}
	}
	if len(got) > 2000 {
		t.Errorf("got %d bytes, want a line of a log cut short", len(got))
	}
}
