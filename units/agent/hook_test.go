package agent

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

func TestAHookIsToldTheNewestAndWhatWasDropped(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.instance("app@1", "down")
		s.want("tell /bin/notify that instance app@1 is down, 0 dropped", "tell http://example.com/secret that instance app@1 is down, 0 dropped")
		s.instance("app@1", "starting")
		s.instance("app@1", "up")
		s.instance("app@2", "draining")
		s.want()
		time.Sleep(time.Second)
		s.want("tell http://example.com/secret that instance app@2 is draining, 2 dropped")
		time.Sleep(4 * time.Second)
		s.want("tell /bin/notify that instance app@2 is draining, 2 dropped")
		time.Sleep(time.Hour)
		s.want()
	})
}

// Who comes back is told what is, and hooks what happens.
func TestWhatIsAlreadySoIsNoEvent(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.events <- control.Event{Kind: control.EventInstance, Now: true, App: "shop", Instance: "app@1", State: "down"}
		s.events <- control.Event{Kind: control.EventWanted, Upstream: "shop"}
		s.want()
	})
}

func TestASlowHookHoldsNothingUp(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.set(func() { s.hookTime = time.Hour })
		s.instance("app@1", "down")
		s.want("tell /bin/notify that instance app@1 is down, 0 dropped", "tell http://example.com/secret that instance app@1 is down, 0 dropped")
		for range 100 {
			s.instance("app@1", "down")
		}
		s.unit("app@2", "inactive", "dead", 0)
		time.Sleep(999 * time.Millisecond)
		s.want("app@2 is stopped")
		// Its timeout ends it, and the next is told.
		time.Sleep(time.Millisecond)
		s.want("tell http://example.com/secret that instance app@1 is down, 99 dropped")
	})
}

// program writes a shell script.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACommandReadsTheEvent(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	err := runCommand(t.Context(), []string{program(t, `cat > "$1"`), out}, []byte("{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil || string(got) != "{}\n" {
		t.Errorf("got %q, %v, want the event", got, err)
	}
}

func TestWhatACommandSaysOfItsFailureIsSaid(t *testing.T) {
	err := runCommand(t.Context(), []string{program(t, "echo first; echo no such luck >&2; exit 3")}, nil)
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: no such luck") {
		t.Errorf("got %v, want its status and last words", err)
	}
	if err := runCommand(t.Context(), []string{"/nowhere/hook"}, nil); err == nil {
		t.Error("a command that does not exist ran")
	}
}

// The deadline ends the command and what it has started.
func TestACommandThatHangsIsKilledWithItsChildren(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := runCommand(ctx, []string{program(t, "sleep 600 & wait")}, nil)
	if err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("got %v, want that it took too long", err)
	}
	// A child that lived on would hold the output open until it is given up.
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAnEventIsPosted(t *testing.T) {
	status := http.StatusNoContent
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	if err := post(t.Context(), server.URL+"/secret", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if want := "POST /secret application/json {}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, status = range []int{http.StatusFound, http.StatusInternalServerError} {
		err := post(t.Context(), server.URL+"/secret", []byte("{}"))
		if err == nil || !strings.Contains(err.Error(), "answered") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: got %v, want what it answered, without the secret path", status, err)
		}
	}
}

func TestAFailedPostKeepsTheSecret(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, to := range []string{"http://127.0.0.1:1/secret", "http://[::1/secret"} {
		if err := post(ctx, to, nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want an error without the secret path", err)
		}
	}
}
