package systemd_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
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
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute}
	for _, l := range append(listeners, activation.Listener{Name: "control", Listener: controller}) {
		if l.Name == units.WakeName {
			go acceptAndClose(l)
			continue
		}
		go func() { _ = server.Serve(l) }()
	}
	if err := notifier.Ready(fmt.Sprintf("serving %d listeners", len(listeners))); err != nil {
		return err
	}
	<-ctx.Done()
	return errors.Join(notifier.Stopping("stopping"), drain(server, listeners))
}

// drain closes the listeners first, so that nothing is accepted any more,
// and then waits for what was.
func drain(server *http.Server, listeners []activation.Listener) error {
	for _, l := range listeners {
		_ = l.Close()
	}
	// Accepted and not yet known to the server: the request is on its way.
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
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
