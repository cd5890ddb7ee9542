package control

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// dial connects and says nothing yet.
func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestABodyThatDoesNotComeIsNotWaitedFor: nor is a head.
func TestABodyThatDoesNotComeIsNotWaitedFor(t *testing.T) {
	f := newFakeProxy()
	path := serve(t, f, me(), func(s *Server) { s.arrival = 20 * time.Millisecond })
	for name, text := range map[string]string{
		"nothing":         "",
		"half a head":     "POST /v1/drain HT",
		"a head":          "POST /v1/drain HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\n",
		"half a document": "POST /v1/drain HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\n{\"instance\":\"app",
		"endless chunks":  "POST /v1/report HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
	} {
		c := dial(t, path)
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(c); err != nil || strings.Contains(string(answer), " 200 ") {
			t.Errorf("%s: got %q, %v; want the connection ended", name, answer, err)
		}
	}
	if f.last() != nil {
		t.Errorf("it was done: %+v", f.last())
	}
}

// TestConnectionsAboveTheBoundWait until another ends: one that says nothing is
// over soon.
func TestConnectionsAboveTheBoundWait(t *testing.T) {
	path := serve(t, newFakeProxy(), me(), func(s *Server) { s.arrival = 50 * time.Millisecond })
	for range maxConnections {
		dial(t, path)
	}
	if _, err := NewClient(path).Status(within(t)); err != nil {
		t.Errorf("one more: %v", err)
	}
}

// TestNobodyIsTurnedAwayBecauseManyAsk: hundreds of gates do when all instances
// of an app are stopped together.
func TestNobodyIsTurnedAwayBecauseManyAsk(t *testing.T) {
	path := serve(t, newFakeProxy(), me())
	var asking sync.WaitGroup
	for range 5 * maxConnections {
		asking.Go(func() {
			for range 5 {
				if _, err := NewClient(path).Status(within(t)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	asking.Wait()
}

func TestAServerWhosePlacesAreTakenStops(t *testing.T) {
	path := serve(t, newFakeProxy(), me(), func(s *Server) { s.arrival = time.Hour })
	for range maxConnections + 1 {
		dial(t, path)
	}
}

func TestAHeadWithoutEndIsRefused(t *testing.T) {
	path := serve(t, newFakeProxy(), me())
	c := dial(t, path)
	go func() {
		// The server may be gone before all is written.
		_, _ = io.WriteString(c, "GET /v1/status HTTP/1.1\r\nHost: h\r\nX: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	}()
	answer := make([]byte, 64)
	n, err := c.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 431 ") {
		t.Errorf("got %q, %v; want 431", answer[:n], err)
	}
}

// shared is a log that may be read while it is written.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestX20ARefusedPathDoesNotWriteTheLog: what somebody without leave sends is
// logged, and cannot make a line of its own.
func TestX20ARefusedPathDoesNotWriteTheLog(t *testing.T) {
	log := &shared{}
	s := NewServer(newFakeProxy(), me(), slog.New(slog.NewTextHandler(log, nil)))
	w := httptest.NewRecorder()
	// No peer is known here, as for a stranger's connection.
	s.ServeHTTP(w, httptest.NewRequest("GET", "/%0alevel=INFO%20msg=all%20is%20well%1b[2J", nil))
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d, want 403", w.Code)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "\x1b") {
		t.Errorf("got %q, want one line that no terminal obeys", text)
	}
}

func TestAReasonIsOneShortLine(t *testing.T) {
	for _, tt := range []struct{ name, reason, want string }{
		{"a plain one stays", "exit 1", "exit 1"},
		{"letters of any script stay", "código 1: отказ", "código 1: отказ"},
		{"a line break is a space", "exit 1\nall is well", "exit 1 all is well"},
		{"a terminal has nothing to obey", "\x1b]0;owned\a", " ]0;owned "},
		{"nor to be turned round by", "exit \u202e1", "exit  1"},
		{"what is no UTF-8 is marked", "a\xffb", "a\uFFFDb"},
		{"a long one is cut", strings.Repeat("ä", maxReason+7), strings.Repeat("ä", maxReason)},
	} {
		if got := legible(tt.reason); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestAnErrorRepeatsLittleOfWhatWasSent: an answer is read by people.
func TestAnErrorRepeatsLittleOfWhatWasSent(t *testing.T) {
	long := strings.Repeat("é", 3000)
	for _, d := range []document{
		ReportRequest{Reports: []InstanceReport{{Instance: "a", State: long}}},
		MaintenanceRequest{Site: "s", Allow: []string{long}},
		DrainRequest{Instance: long},
	} {
		err := d.Check()
		if err == nil || len(err.Error()) > 400 {
			t.Errorf("got %v, want a short refusal", err)
		}
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("app@%d", i))
	}
	if text := (&Unknown{Kind: "instance", Name: "x", Known: many}).Error(); len(text) > 200 || !strings.Contains(text, "and 992 more") {
		t.Errorf("got %q, want a few of the names", text)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"instance":"app@8020","by":"me","lease_ms":1}`)
	f.Add(`{"site":"front","on":true,"allow":["::/0"]}`)
	f.Add(`{"reports":[{"instance":"a","state":"up"}]}`)
	f.Add(`{"instance":"\u0000"}`)
	f.Add(`{"instance":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		var drain DrainRequest
		if err := decode(strings.NewReader(text), &drain); err == nil {
			if drain.Instance == "" || strings.ContainsAny(drain.Instance+drain.By, "\x00\n\x1b") || drain.LeaseMS < 0 {
				t.Errorf("%q was taken as %+v", text, drain)
			}
		}
		var report ReportRequest
		if err := decode(strings.NewReader(text), &report); err == nil {
			for _, one := range report.Reports {
				if strings.ContainsAny(legible(one.Reason), "\x00\n\x1b") {
					t.Errorf("%q has the reason %q", text, legible(one.Reason))
				}
			}
		}
		var maintenance MaintenanceRequest
		_ = decode(strings.NewReader(text), &maintenance)
	})
}
