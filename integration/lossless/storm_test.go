package lossless

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// site answers as the application does, but for what a test makes it do.
func site(t *testing.T, misbehave func(w http.ResponseWriter, r *http.Request) bool) Options {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if misbehave(w, r) {
			return
		}
		w.Header().Set("X-Received", strconv.Itoa(len(body)))
		w.Header().Set("X-Instance", "8020")
		switch r.URL.Path {
		case "/page":
			size, _ := strconv.Atoi(r.FormValue("bytes"))
			_, _ = w.Write(make([]byte, size))
		case "/note":
			_, _ = io.WriteString(w, r.FormValue("id"))
		case "/events":
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "data: 8020\n\n")
				w.(http.Flusher).Flush()
				time.Sleep(time.Millisecond)
			}
		case "/socket":
			echo(w)
		}
	}))
	t.Cleanup(server.Close)
	return Options{
		Address: strings.TrimPrefix(server.URL, "http://"), Rate: 2000, Streams: 1, Sockets: 1,
		Dial: new(net.Dialer).DialContext,
	}
}

// echo says every short message again.
func echo(w http.ResponseWriter) {
	conn, both, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nX-Instance: 8020\r\n\r\n")
	for {
		var head [6]byte // with a mask of noughts
		if _, err := io.ReadFull(both, head[:]); err != nil {
			return
		}
		text := make([]byte, head[1]&^masked)
		if _, err := io.ReadFull(both, text); err != nil {
			return
		}
		_, _ = conn.Write(append([]byte{finalText, byte(len(text))}, text...))
	}
}

// blow lets a storm loose until it has made enough requests of each kind.
func blow(t *testing.T, opts Options) Tally {
	t.Helper()
	s, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	enough := func() bool {
		s.ledger.mu.Lock()
		defer s.ledger.mu.Unlock()
		return s.ledger.attempts[PostNew] >= 20 && s.ledger.attempts[PostKept] >= 20 && s.ledger.attempts[Stream] > 0 && s.ledger.attempts[Socket] > 0
	}
	for deadline := time.Now().Add(20 * time.Second); !enough(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the storm does not make its requests")
			break
		}
	}
	return s.Stop()
}

func TestAStormOverAGoodSiteMissesNothing(t *testing.T) {
	got := blow(t, site(t, func(http.ResponseWriter, *http.Request) bool { return false }))
	for _, m := range got.Misses {
		t.Errorf("a miss: %s %s: %v", m.Kind, m.How, m.Err)
	}
	if posts := got.Attempts[PostNew] + got.Attempts[PostKept]; len(got.Answered) != posts {
		t.Errorf("%d POSTs are known to be answered, want %d", len(got.Answered), posts)
	}
}

func TestAStormSeesEachKindOfMiss(t *testing.T) {
	for _, test := range []struct {
		name, path string
		do         func(w http.ResponseWriter)
		kind       Kind
		how        string
	}{
		{"a 502", "/page", func(w http.ResponseWriter) { w.WriteHeader(502) }, GetNew, "status 502"},
		{"a 502 to a POST", "/note", func(w http.ResponseWriter) { w.WriteHeader(502) }, PostKept, "status 502"},
		{"another's answer", "/note", func(w http.ResponseWriter) {
			w.Header().Set("X-Received", "0")
			_, _ = io.WriteString(w, "another")
		}, PostNew, "malformed"},
		{"a stream that ends well", "/events", func(http.ResponseWriter) {}, Stream, "eof"},
		{"a WebSocket that is refused", "/socket", func(w http.ResponseWriter) { w.WriteHeader(503) }, Socket, "status 503"},
	} {
		got := blow(t, site(t, func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != test.path {
				return false
			}
			test.do(w)
			return true
		}))
		seen := false
		for _, m := range got.Misses {
			seen = seen || m.Kind == test.kind && m.How == test.how
		}
		if !seen {
			t.Errorf("%s: got %v, want a miss of a %s by %q", test.name, got.Misses, test.kind, test.how)
		}
	}
}
