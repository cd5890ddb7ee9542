package machine

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// echoUnit listens in the machine with nothing but systemd and cat: one cat
// for each connection.
const echoUnit = `[Socket]
ListenStream=127.0.0.1:7000
Accept=yes
`

const echoService = `[Service]
ExecStart=cat
StandardInput=socket
`

func bootEcho(t *testing.T) *Machine {
	t.Helper()
	m := boot(t, Options{})
	for path, text := range map[string]string{
		"/etc/systemd/system/echo.socket":   echoUnit,
		"/etc/systemd/system/echo@.service": echoService,
	} {
		if err := m.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantRun(t, m, "systemctl", "daemon-reload")
	wantRun(t, m, "systemctl", "start", "echo.socket")
	return m
}

// wantEcho says something, ends its direction and wants it back, then the end.
func wantEcho(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, "echo", string(got), text)
}

func TestDialReachesTheMachineAlone(t *testing.T) {
	m := bootEcho(t)
	before, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			conn, err := m.Dial(t.Context(), "tcp", "127.0.0.1:7000")
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			wantEcho(t, conn, "hello")
		})
	}
	all.Wait()
	if conn, err := net.Dial("tcp", "127.0.0.1:7000"); err == nil {
		conn.Close()
		t.Error("the host reaches port 7000 without Dial: it does not test anything")
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		now, err := os.Readlink("/proc/self/task/" + thread.Name() + "/ns/net")
		if err == nil && now != before {
			t.Errorf("thread %s stayed in %s", thread.Name(), now)
		}
	}
	if _, err := m.Dial(t.Context(), "tcp", "127.0.0.1:7001"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a port without a listener: got %v, want refused", err)
	}
	if _, err := m.Dial(t.Context(), "tcp", "example.org:80"); err == nil {
		t.Error("a name: got no error")
	}
	conn, err := m.Dial(t.Context(), "unix", "/run/systemd/private")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestForwardPassesHalfCloses(t *testing.T) {
	m := bootEcho(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f, err := m.Forward(ctx, "127.0.0.1:0", "127.0.0.1:7000")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		conn, err := net.Dial("tcp", f.Address.String())
		if err != nil {
			t.Fatal(err)
		}
		wantEcho(t, conn, strings.Repeat("x", 1<<20))
		conn.Close()
	}
	idle, err := net.Dial("tcp", f.Address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	f.Close()
	_ = idle.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := idle.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("a connection after Close: got %v, want its end", err)
	}
}

func TestTransportAsksByName(t *testing.T) {
	m := boot(t, Options{})
	if err := m.WriteFile("/srv/www/index.html", []byte("of the machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	wantRun(t, m, "systemd-run", "--quiet", "--unit=www", "--working-directory=/srv/www",
		"/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "8081")
	client := http.Client{Transport: m.HTTPTransport(), Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	deadline := time.Now().Add(10 * time.Second)
	for {
		response, err := client.Get("http://reports.example:8081/")
		if err == nil {
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			wantText(t, "body", string(body), "of the machine")
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(pollInterval)
	}
}
