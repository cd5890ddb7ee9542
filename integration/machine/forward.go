package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// forwardDialTimeout bounds one connect into the machine, where a connect is
// either accepted or refused at once.
const forwardDialTimeout = 5 * time.Second

// Forwarder hands connections to a port of the host on to the machine.
type Forwarder struct {
	// Address is where the host listens.
	Address net.Addr

	listener net.Listener
	cancel   context.CancelFunc
	done     sync.WaitGroup
}

// Forward listens on the host and connects each caller to an address in the
// machine, until ctx or Close ends it.
func (m *Machine) Forward(ctx context.Context, hostListen, machineAddress string) (*Forwarder, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", hostListen)
	if err != nil {
		return nil, fmt.Errorf("cannot forward %s: %w", hostListen, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &Forwarder{Address: listener.Addr(), listener: listener, cancel: cancel}
	context.AfterFunc(ctx, func() { listener.Close() })
	f.done.Go(func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue // of this connection alone, such as one reset while it waited
			}
			f.done.Go(func() { m.join(ctx, conn, machineAddress) })
		}
	})
	return f, nil
}

// Close stops listening and ends what is under way.
func (f *Forwarder) Close() {
	f.cancel()
	f.listener.Close()
	f.done.Wait()
}

// join copies both ways until both sides have ended, each side's end passed
// on as an end of its direction alone.
func (m *Machine) join(ctx context.Context, caller net.Conn, address string) {
	defer caller.Close()
	dialCtx, cancel := context.WithTimeout(ctx, forwardDialTimeout)
	defer cancel()
	inside, err := m.Dial(dialCtx, "tcp", address)
	if err != nil {
		return // the caller sees a closed connection, as of a dead server
	}
	defer inside.Close()
	defer context.AfterFunc(ctx, func() {
		caller.Close()
		inside.Close()
	})()
	var both sync.WaitGroup
	both.Go(func() { pass(inside, caller) })
	both.Go(func() { pass(caller, inside) })
	both.Wait()
}

// pass copies one direction. A direction that broke ends both sides: half a
// conversation would wait for ever.
func pass(to, from net.Conn) {
	_, err := io.Copy(to, from)
	if err == nil {
		if half, ok := to.(interface{ CloseWrite() error }); ok {
			err = half.CloseWrite()
		}
	}
	if err != nil {
		to.Close()
		from.Close()
	}
}
