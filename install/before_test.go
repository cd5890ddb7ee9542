package install

import (
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/spec"
)

func TestAHookRunsAsTheAppWould(t *testing.T) {
	k := Hook{
		Unit: "webstack-before-app.service", Command: []string{"./manage.py", "migrate", "--tag=$x"},
		User: "ly", Group: "web", Umask: "0027",
		Env:         []spec.EnvVar{{Name: "MODE", Value: "a b"}},
		EnvFiles:    []string{"-/etc/app.env"},
		Credentials: []spec.Credential{{Name: "key", Path: "/etc/key"}},
	}
	got := k.arguments("/srv/app/7")
	for _, want := range []string{
		"--unit=webstack-before-app.service", "--working-directory=/srv/app/7", "--uid=ly", "--gid=web",
		"--property=UMask=0027", "--setenv=MODE=a b", "--property=EnvironmentFile=-/etc/app.env",
		"--property=LoadCredential=key:/etc/key", "--property=RuntimeMaxSec=3600",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("got %q, want %q among them", got, want)
		}
	}
	if end := strings.Join(got[len(got)-4:], " "); end != "-- ./manage.py migrate --tag=$$x" {
		t.Errorf("got %q, want the command with its dollars doubled, for systemd undoubles them", end)
	}
}

func TestTheLastLinesOfAHookAreKept(t *testing.T) {
	var said []string
	l := newLines(func(line string) { said = append(said, line) })
	for range failureLines {
		if _, err := l.Write([]byte("one\ntwo")); err != nil {
			t.Fatal(err)
		}
	}
	kept := l.last()
	if len(kept) != failureLines || kept[len(kept)-1] != "two" || len(said) != failureLines+1 {
		t.Errorf("got %q of %d lines, want the last %d", kept, len(said), failureLines)
	}
}
