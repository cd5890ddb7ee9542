package nethttp

import (
	"net/http"
	"sync"
)

// conns are the client connections, each with the state that net/http reports
// for it: new (nothing was read), active, idle, hijacked (a tunnel).
type conns struct {
	mu   sync.Mutex
	open map[*clientConn]struct{}
	// free is signalled when there may be room for one more.
	free *sync.Cond
	// refusing: nobody waits for room. stopping: what falls idle is closed.
	refusing, stopping bool
	// empty is closed when the server is stopping and the last one is gone.
	empty chan struct{}
}

func newConns() *conns {
	c := &conns{open: map[*clientConn]struct{}{}, empty: make(chan struct{})}
	c.free = sync.NewCond(&c.mu)
	return c
}

func (c *conns) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

// room waits until there are fewer than limit connections, or the server
// stops. It closes an idle one to make place: who is waiting is worth more
// than who may never speak again.
func (c *conns) room(limit func() int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.refusing && len(c.open) >= limit() {
		if idle := c.anyIdle(); idle != nil {
			// Close takes the lock to say that it is gone.
			c.mu.Unlock()
			idle.Close()
			c.mu.Lock()
			continue
		}
		c.free.Wait()
	}
}

// closeIdle closes one idle connection, if there is any.
func (c *conns) closeIdle() {
	c.mu.Lock()
	idle := c.anyIdle()
	c.mu.Unlock()
	if idle != nil {
		idle.Close()
	}
}

// limitChanged has whoever waits for room look again.
func (c *conns) limitChanged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free.Broadcast()
}

func (c *conns) anyIdle() *clientConn {
	for cc := range c.open {
		if cc.state == http.StateIdle && cc.silent() {
			return cc
		}
	}
	return nil
}

func (c *conns) add(cc *clientConn) {
	cc.closed = func() { c.remove(cc) }
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[cc] = struct{}{}
}

func (c *conns) remove(cc *clientConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, cc)
	c.free.Broadcast()
	c.checkEmpty()
}

// moved records a state. A connection that falls idle while the server stops
// is closed, unless the next request is there already.
func (c *conns) moved(cc *clientConn, state http.ConnState) {
	c.mu.Lock()
	cc.state = state
	idle := state == http.StateIdle
	if idle {
		cc.heard.Store(false)
	}
	closing := idle && c.stopping
	if idle {
		c.free.Broadcast()
	}
	c.mu.Unlock()
	if closing && cc.silent() {
		cc.Close()
	}
}

// admitNone ends every wait for room.
func (c *conns) admitNone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusing = true
	c.free.Broadcast()
}

// stop closes what is idle, now and from now on.
func (c *conns) stop() {
	c.mu.Lock()
	c.stopping = true
	c.checkEmpty()
	c.mu.Unlock()
	c.closeWhere(func(cc *clientConn) bool { return cc.state == http.StateIdle && cc.silent() })
}

// checkEmpty is called with the lock held.
func (c *conns) checkEmpty() {
	if !c.stopping || len(c.open) > 0 {
		return
	}
	select {
	case <-c.empty:
	default:
		close(c.empty)
	}
}

// closeWhere closes the connections that match, and says how many.
func (c *conns) closeWhere(match func(*clientConn) bool) int {
	c.mu.Lock()
	var list []*clientConn
	for cc := range c.open {
		if match(cc) {
			list = append(list, cc)
		}
	}
	c.mu.Unlock()
	for _, cc := range list {
		cc.Close()
	}
	return len(list)
}
