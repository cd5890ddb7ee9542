// Command go is a small Go program on a socket that systemd holds: it takes
// the listening socket that it finds as descriptor 3 (sd_listen_fds(3)), or
// binds PORT itself where there is none.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// first is the first descriptor that systemd passes (SD_LISTEN_FDS_START).
const first = 3

// stopGrace is how long requests may go on after SIGTERM; stop_timeout in
// webstack.toml is longer.
const stopGrace = 10 * time.Second

func main() {
	log.SetFlags(0) // the journal has the time
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	l, err := listener()
	if err != nil {
		return err
	}
	instance := os.Getenv("INSTANCE")
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Instance", instance)
			fmt.Fprintf(w, "instance %s, pid %d\n", instance, os.Getpid())
		}),
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// It closes its own copy of the socket: systemd's stays open for the next
	// process.
	over, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	if err := server.Shutdown(over); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// listener is the socket that systemd passed to this very process, or one of
// its own.
func listener() (net.Listener, error) {
	if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) && os.Getenv("LISTEN_FDS") == "1" {
		f := os.NewFile(first, "systemd's socket")
		defer f.Close() // the listener has a copy
		return net.FileListener(f)
	}
	return net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
}
