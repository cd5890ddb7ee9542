package namespace

import (
	"fmt"
	"net"
	"os"
	"testing"
)

// TestMain is also the inside: this program, run again.
func TestMain(m *testing.M) {
	if !Inside() {
		os.Exit(m.Run())
	}
	if err := lookAround(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func lookAround() error {
	if err := Prepare(); err != nil {
		return err
	}
	if pid := os.Getpid(); pid != 1 {
		return fmt.Errorf("got process %d, want 1", pid)
	}
	if link, err := os.Readlink("/proc/self"); err != nil || link != "1" {
		return fmt.Errorf("got %q in /proc/self, %w, want our own number", link, err)
	}
	all, err := net.Interfaces()
	if err != nil || len(all) != 1 || all[0].Flags&net.FlagUp == 0 {
		return fmt.Errorf("got interfaces %v, %w, want the loopback device alone, up", all, err)
	}
	if _, err := AllowOpenFiles(100); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:80")
	if err != nil {
		return err
	}
	return l.Close()
}

func TestTheInsideIsByItself(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	if err := Run(t.Context()); err != nil {
		t.Error(err)
	}
}
