package load

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Instance: 8020\r\n\r\nok"

// serve listens and hands each connection, with its number from 0, to do,
// after which it is closed. It returns the address.
func serve(t *testing.T, do func(number int, conn *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for number := 0; ; number++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				do(number, conn.(*net.TCPConn))
			})
		}
	})
	return listener.Addr().String()
}

// hear reads one request.
func hear(conn io.Reader) error {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, request.Body)
	return err
}

// say answers each request of a connection with the next text, then closes.
func say(texts ...string) func(int, *net.TCPConn) {
	return func(_ int, conn *net.TCPConn) {
		for _, text := range texts {
			if hear(conn) != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
		}
	}
}

// one makes n requests with one worker and reports.
func requests(t *testing.T, n int, opts Options) Report {
	t.Helper()
	if opts.Timeout == 0 {
		opts.Timeout = 10 * time.Second
	}
	l, err := prepare(opts)
	if err != nil {
		t.Fatal(err)
	}
	w := worker{load: l}
	defer w.hangUp()
	for range n {
		began := time.Now()
		got, err := w.exchange(l.same, began.Add(l.opts.Timeout))
		l.tally.add(began, time.Now(), got, err)
	}
	return l.Report()
}

func TestEachFailureHasItsKind(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tests := []struct {
		name string
		do   func(int, *net.TCPConn) // nil: nobody listens
		opts Options
		want string
	}{
		{"nobody listens", nil, Options{}, "refused"},
		{"the connection is reset", func(_ int, c *net.TCPConn) {
			_ = hear(c)
			_ = c.SetLinger(0)
		}, Options{}, "reset"},
		{"it is reset amid the body", func(_ int, c *net.TCPConn) {
			_ = hear(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
			_ = c.SetLinger(0)
		}, Options{}, "reset"},
		{"it ends without an answer", say(""), Options{}, "eof"},
		{"it ends amid the head", say("HTTP/1.1 200 OK\r\nContent-Le"), Options{}, "eof"},
		{"it ends amid the body", say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Options{}, "eof"},
		{"it ends amid a chunk", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"), Options{}, "eof"},
		{"it ends before the last chunk", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), Options{}, "eof"},
		{"no answer comes", func(_ int, c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }, Options{Timeout: 30 * time.Millisecond}, "timeout"},
		{"half an answer comes", func(_ int, c *net.TCPConn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
			_, _ = io.Copy(io.Discard, c)
		}, Options{Timeout: 30 * time.Millisecond}, "timeout"},
		{"the answer is not HTTP", say("hello there, no answer\r\n\r\n"), Options{}, "malformed"},
		{"502", say("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), Options{}, "status 502"},
		{"a status that is fine elsewhere", say(good), Options{WantStatus: 304}, "status 200"},
	}
	for _, test := range tests {
		for _, fresh := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, new connection %v", test.name, fresh), func(t *testing.T) {
				address := closed.Addr().String()
				if test.do != nil {
					address = serve(t, test.do)
				}
				test.opts.URL, test.opts.NewConnection = "http://"+address+"/", fresh
				got := requests(t, 1, test.opts)
				if got.OK != 0 || got.Failed != 1 || got.Kinds[test.want] != 1 || got.Repeated != 0 {
					t.Errorf("got:\n%swant one failure by %s", got, test.want)
				}
				if got.Err() == nil {
					t.Error("Err: got nil")
				}
			})
		}
	}
}

func TestRepeatsOnlyWhatAClientMay(t *testing.T) {
	// Each server serves the first request of its first connection and then
	// misbehaves; later connections are good.
	after := func(do func(*net.TCPConn)) func(int, *net.TCPConn) {
		return func(number int, conn *net.TCPConn) {
			say(good)(number, conn)
			if number == 0 {
				do(conn)
				return
			}
			say(good, good, good)(number, conn)
		}
	}
	unseen := after(func(*net.TCPConn) {})
	heard := after(func(c *net.TCPConn) { _ = hear(c) })
	reset := after(func(c *net.TCPConn) { _ = hear(c); _ = c.SetLinger(0) })
	begun := after(func(c *net.TCPConn) { _ = hear(c); _, _ = io.WriteString(c, "HTTP/1.1 200") })
	tests := []struct {
		name         string
		do           func(int, *net.TCPConn)
		method       string
		ok, repeated int
	}{
		{"closed while idle", unseen, "GET", 3, 1},
		{"closed after the request", heard, "GET", 3, 1},
		{"reset after the request", reset, "GET", 3, 1},
		{"an answer had begun", begun, "GET", 2, 0},
		{"a POST", heard, "POST", 2, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := requests(t, 3, Options{URL: "http://" + serve(t, test.do) + "/", Method: test.method})
			if got.OK != test.ok || got.Repeated != test.repeated || got.OK+got.Failed != 3 {
				t.Errorf("got:\n%swant ok %d repeated %d of 3", got, test.ok, test.repeated)
			}
		})
	}
}

func TestAnAttentiveClientLeavesAClosedConnection(t *testing.T) {
	closed := make(chan struct{})
	address := serve(t, func(number int, conn *net.TCPConn) {
		say(good)(number, conn)
		if number == 0 {
			conn.Close()
			close(closed)
			return
		}
		say(good)(number, conn)
	})
	l, err := prepare(Options{URL: "http://" + address + "/", Method: "POST", Attentive: true})
	if err != nil {
		t.Fatal(err)
	}
	w := worker{load: l}
	defer w.hangUp()
	deadline := time.Now().Add(10 * time.Second)
	if _, err := w.exchange(l.same, deadline); err != nil {
		t.Fatal(err)
	}
	<-closed
	for !w.conn.closed() {
		if time.Now().After(deadline) {
			t.Fatal("the end of the connection is not seen")
		}
	}
	if got, err := w.exchange(l.same, deadline); err != nil || got.repeats != 0 {
		t.Errorf("a POST after the end: got %v and %d repeats, want neither", err, got.repeats)
	}
}

func TestARepeatThatFailsIsAFailure(t *testing.T) {
	address := serve(t, func(number int, conn *net.TCPConn) {
		if number == 0 {
			say(good)(number, conn)
			return
		}
		_ = hear(conn)
	})
	got := requests(t, 2, Options{URL: "http://" + address + "/"})
	if got.OK != 1 || got.Failed != 1 || got.Kinds["eof"] != 1 || got.Repeated != 1 {
		t.Errorf("got:\n%swant one failure by eof after one repeat", got)
	}
}

func TestUnaskedBytesAreAFailure(t *testing.T) {
	address := serve(t, say(good+"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", good))
	got := requests(t, 2, Options{URL: "http://" + address + "/"})
	if got.Kinds["malformed"] != 1 {
		t.Errorf("got:\n%swant one failure by malformed", got)
	}
}

func TestLoadCountsWhoAnswered(t *testing.T) {
	address := serve(t, func(number int, conn *net.TCPConn) {
		port := fmt.Sprint(8020 + number%2)
		for hear(conn) == nil {
			_, _ = io.WriteString(conn, strings.Replace(good, "8020", port, 1))
		}
	})
	l, err := Start(t.Context(), Options{URL: "http://" + address + "/", Workers: 3, NewConnection: true})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); l.Report().OK < 100; {
		if time.Now().After(deadline) {
			t.Fatalf("100 requests take more than 10 s:\n%s", l.Report())
		}
		time.Sleep(time.Millisecond)
	}
	got := l.Stop()
	if err := got.Err(); err != nil {
		t.Error(err)
	}
	if sum := got.Answered["8020"] + got.Answered["8021"]; sum != got.OK || got.Answered["8020"] == 0 || got.Answered["8021"] == 0 {
		t.Errorf("got:\n%swant both servers, %d in all", got, got.OK)
	}
	if again := l.Stop(); again.OK != got.OK {
		t.Errorf("after Stop: got %d more requests", again.OK-got.OK)
	}
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	address := serve(t, func(_ int, conn *net.TCPConn) {
		_ = hear(conn)
		close(arrived)
		<-release
	})
	l, err := Start(t.Context(), Options{URL: "http://" + address + "/", Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	<-arrived
	l.stop()
	close(release)
	if got := l.Stop(); got.Failed != 1 || got.Kinds["eof"] != 1 {
		t.Errorf("got:\n%swant the failure of the request that was under way", got)
	}
}

func TestALoadWithoutRequestsIsNoSuccess(t *testing.T) {
	if err := (Report{}).Err(); err == nil {
		t.Error("got nil, want an error")
	}
}

func TestWrongURLIsRefused(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:80", "https://127.0.0.1/", "http:///"} {
		if _, err := Start(t.Context(), Options{URL: url}); err == nil {
			t.Errorf("%q: got no error", url)
		}
	}
}

func TestACountedLoadEndsByItself(t *testing.T) {
	address := serve(t, say(good))
	l, err := Start(t.Context(), Options{URL: "http://" + address + "/", Requests: 20, NewConnection: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Wait(); got.OK != 20 || got.Failed != 0 {
		t.Errorf("got:\n%swant 20 good answers", got)
	}
}
