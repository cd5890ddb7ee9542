package control

import (
	"net"
	"net/http"
	"sync"
)

// boundedListener accepts no more connections at a time than it has places.
// Those above wait in the kernel's backlog: whoever reports or drains must not
// be turned away because many others do so too.
type boundedListener struct {
	net.Listener
	places chan struct{}
	once   sync.Once
	closed chan struct{}
}

func newBoundedListener(l net.Listener, places int) *boundedListener {
	return &boundedListener{Listener: l, places: make(chan struct{}, places), closed: make(chan struct{})}
}

// Accept waits for a place and then for a connection.
func (b *boundedListener) Accept() (net.Conn, error) {
	select {
	case b.places <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.places
	}
	return c, err
}

// Close ends an Accept, too.
func (b *boundedListener) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// ended is a server's ConnState: the end of a connection makes room for one.
func (b *boundedListener) ended(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateClosed, http.StateHijacked:
		<-b.places
	case http.StateNew, http.StateActive, http.StateIdle:
	}
}
