package proxy

import (
	"context"
	"errors"
	"net"
	"time"
)

// wakeWait is the pause after a failed accept of the wake listener, which has
// nothing to lose by it.
const wakeWait = time.Second

// wake closes whatever connects: that it connected has served its purpose.
// Left unaccepted, the connection would start the proxy again as soon as it
// stopped.
func wake(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			c.Close()
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wakeWait):
		}
	}
}
