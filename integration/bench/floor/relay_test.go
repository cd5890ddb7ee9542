package floor

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

const patience = 10 * time.Second

// TestWhatGoesInComesOut has an instance that says everything again, and sends
// more than the sockets hold.
func TestWhatGoesInComesOut(t *testing.T) {
	instance, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer instance.Close()
	go func() {
		for {
			c, err := instance.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	// The relay cannot be told to stop: it is left behind, with its port.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	go func() {
		_ = Serve(netip.MustParseAddrPort(address), []netip.AddrPort{netip.MustParseAddrPort(instance.Addr().String())})
	}()

	c := connect(t, address)
	defer c.Close()
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	go func() { _, _ = c.Write(want) }()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("got other octets than were sent")
	}
}

func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			if err := c.SetDeadline(deadline); err != nil {
				t.Fatal(err)
			}
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
