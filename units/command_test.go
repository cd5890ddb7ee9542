package units

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// awkward are the arguments that a naive rendering gets wrong.
var awkward = []string{
	"", " ", "\t", ";", `\;`, "a;b", "; ", "$", "$$", "$HOME", "${HOME}", "$$HOME", "a$b$", "%", "%%", "%i", "100%",
	`"`, `'`, `"quoted"`, `it's`, `\`, `\\`, `\n`, "line\nbreak", "tab\there", "a b", " lead", "trail ", `trail\`,
	"-@:+!|", "#", "# no comment", "é", "日本", "\u2028", "\x01\x7f\x1b[0m", "*", "?", "[a]", "~", "|", "&&", "`x`",
	"--port={port}", "{instance}", "{{port}", "{{", "{", "}", "{}", "{ }", `{"a":1}`, "{credentials}/key", "$${port}",
}

// filled is what an argument of a spec means for instance 8020.
func filled(arg, credentials string) string {
	const brace = "\x00"
	return strings.NewReplacer("{{", "{", "{port}", "8020", "{instance}", "8020", "{credentials}", credentials,
		brace, "{").Replace(arg)
}

func TestCommandReachesTheProcessAsWritten(t *testing.T) {
	for _, program := range []string{"/usr/bin/env", "python3", "/opt/my app/100%/é", "/opt/$x/$$y", "/opt/{port}/run", "/a#b;c"} {
		checkCommand(t, append([]string{program}, awkward...))
	}
	for _, arg := range awkward {
		checkCommand(t, []string{"/bin/x", arg})
		checkCommand(t, []string{"/bin/x", arg, "after"})
	}
}

func checkCommand(t *testing.T, argv []string) {
	t.Helper()
	value, err := command(argv, "")
	if err != nil {
		t.Errorf("command(%q): %v", argv, err)
		return
	}
	if strings.ContainsAny(value, "\n\x00") || strings.HasSuffix(value, `\`) {
		t.Errorf("command(%q) = %q, which is no line", argv, value)
	}
	env := map[string]string{"CREDENTIALS_DIRECTORY": "/run/credentials/a@8020.service", "HOME": "wrong"}
	path, got, err := readCommand(value, "a@8020.service", "8020", env)
	if err != nil {
		t.Errorf("command(%q) = %s: %v", argv, value, err)
		return
	}
	var want []string
	for _, a := range argv {
		want = append(want, filled(a, env["CREDENTIALS_DIRECTORY"]))
	}
	if path != want[0] || !slices.Equal(got, want) {
		t.Errorf("command(%q) = %s\n got %q, argv %q\nwant %q", argv, value, path, got, want)
	}
}

func TestRandomCommandsReachTheProcess(t *testing.T) {
	const alphabet = "AB \t\"'\\$%;#{}-@:+!|é\n="
	letters := []rune(alphabet)
	r := rand.New(rand.NewSource(1))
	for range 5000 {
		argv := []string{"/bin/x"}
		for range 1 + r.Intn(4) {
			var b strings.Builder
			for range r.Intn(12) {
				b.WriteRune(letters[r.Intn(len(letters))])
			}
			argv = append(argv, b.String())
		}
		checkCommand(t, argv)
	}
}

func FuzzCommand(f *testing.F) {
	for _, arg := range awkward {
		f.Add(arg, "next")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if _, err := command([]string{"/bin/x", a, b}, ""); err != nil {
			if utf8.ValidString(a) && utf8.ValidString(b) && !strings.ContainsAny(a+b, "{\x00") {
				t.Errorf("command(%q, %q): %v", a, b, err)
			}
			return
		}
		checkCommand(t, []string{"/bin/x", a, b})
	})
}

func TestCommandsThatSystemdCannotRunAreRefused(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{nil, "the command is empty"},
		{[]string{""}, "empty first word"},
		{[]string{"-true"}, `cannot begin with "-"`},
		{[]string{"@true"}, `cannot begin with "@"`},
		{[]string{"|true"}, `cannot begin with "|"`},
		{[]string{"bin/x"}, "neither a bare name nor an absolute path"},
		{[]string{"/opt/it's"}, "holds a quote"},
		{[]string{`/opt/a\b`}, "backslash"},
		{[]string{"/opt/a\nb"}, "control character"},
		{[]string{"/opt/"}, "is a folder"},
		{[]string{"/bin/x", "a\x00b"}, "NUL"},
		{[]string{"/bin/x", "\xff"}, "not UTF-8"},
		{[]string{"/bin/x", "{socket}"}, "{socket} has no meaning here"},
		{[]string{"/bin/{credentials}"}, "{credentials} has no meaning here"},
	} {
		_, err := command(c.argv, "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("command(%q): error %v, want %q", c.argv, err, c.want)
		}
	}
}

func TestEnvironmentReachesTheProcessAsWritten(t *testing.T) {
	for _, value := range awkward {
		if strings.ContainsAny(value, "\n\x01") {
			continue
		}
		rendered, err := environment(EnvVar{"NAME", value}, "")
		if err != nil {
			t.Errorf("environment(%q): %v", value, err)
			continue
		}
		_, words, err := splitWords(rendered)
		if err != nil || len(words) != 1 {
			t.Errorf("environment(%q) = %s: words %q, %v", value, rendered, words, err)
			continue
		}
		got, err := expandSpecifiers(words[0], "a@8020.service", "8020")
		if want := "NAME=" + filled(value, "/run/credentials/a@8020.service"); got != want || err != nil {
			t.Errorf("environment(%q) = %s\n got %q, %v\nwant %q", value, rendered, got, err, want)
		}
	}
}

func TestEnvironmentThatSystemdWouldDropIsRefused(t *testing.T) {
	for _, v := range []EnvVar{
		{"A", "two\nlines"},
		{"A", "\x01"},
		{"A", "\xff"},
		{"", "x"},
		{"1A", "x"},
		{"A-B", "x"},
		{"A", "{socket}"},
		{HashVariable, "x"},
	} {
		if got, err := environment(v, ""); err == nil {
			t.Errorf("environment(%q) = %s, want an error", v, got)
		} else if strings.Contains(err.Error(), "two") {
			t.Errorf("environment(%q): error %q shows the value", v, err)
		}
	}
}

func TestEnvironmentFilesAreNoPatterns(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"/etc/shop/env", "/etc/shop/env"},
		{"-/etc/shop/env", "-/etc/shop/env"},
		{"/etc/my app/50%", "/etc/my app/50%%"},
		{`/etc/[a]*?\x`, `/etc/\[a]\*\?\\x`},
	} {
		if got, err := environmentFile(c.path); got != c.want || err != nil {
			t.Errorf("environmentFile(%q) = %q, %v, want %q", c.path, got, err, c.want)
		}
	}
	for _, path := range []string{"env", "-", "/a\nb", "/a ", `/a\`} {
		if got, err := environmentFile(path); err == nil {
			t.Errorf("environmentFile(%q) = %q, want an error", path, got)
		}
	}
}
