package systemd_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/webstack/webstack/activation"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units"
)

// rejection is a file that makes a reload fail, as a bad config does.
const rejection = "/run/webstack-test-reject"

// serve is a proxy as far as systemd can tell: it takes over its listeners,
// says that it is ready, answers each request with its pid, or with a file
// that it can see, and ends on SIGTERM.
func serve() error {
	env := activation.Process()
	listeners, err := activation.Listeners(env)
	if err != nil {
		return err
	}
	notifier, err := activation.NewNotifier(env)
	if err != nil {
		return err
	}
	interval, err := activation.WatchdogInterval(env)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go notifier.RunWatchdog(ctx, interval, func() error { return nil }, func(err error) { fmt.Println(err) })

	controller, err := listenControl()
	if err != nil {
		return err
	}
	open := newConnections()
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute, ConnState: open.note}
	var accepting sync.WaitGroup
	for _, l := range listeners {
		if l.Name == units.WakeName {
			go acceptAndClose(l)
			continue
		}
		accepting.Go(func() { _ = server.Serve(l) })
	}
	go acceptAndClose(controller)
	if err := notifier.Ready(fmt.Sprintf("serving %d listeners", len(listeners))); err != nil {
		return err
	}
	<-ctx.Done()
	err = notifier.Stopping("stopping")
	// The listeners first: what they accepted is then known, and what they
	// did not waits for the next process.
	for _, l := range listeners {
		_ = l.Close()
	}
	accepting.Wait()
	open.wait()
	return err
}

// connections are those with a request under way, or none yet.
type connections struct {
	mu      sync.Mutex
	changed *sync.Cond
	busy    map[net.Conn]bool
}

func newConnections() *connections {
	c := &connections{busy: map[net.Conn]bool{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.busy[conn] = true
	} else {
		delete(c.busy, conn)
	}
	c.changed.Broadcast()
}

// wait returns when none is left. TimeoutStopSec= bounds it.
func (c *connections) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.busy) > 0 {
		c.changed.Wait()
	}
}

func listenControl() (net.Listener, error) {
	if err := os.Remove(control.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", control.Socket)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(control.Socket, 0o660)
}

func acceptAndClose(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	if path := r.URL.Path; path != "/" {
		data, err := os.ReadFile(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(data)
		return
	}
	fmt.Fprint(w, os.Getpid())
}

// reload asks the running stand-in, as `webstack reload --wait` does.
func reload() error {
	if _, err := os.Stat(rejection); err == nil {
		return errors.New("the config is rejected")
	}
	c, err := net.Dial("unix", control.Socket)
	if err != nil {
		return err
	}
	return c.Close()
}
