package lossless

import "time"

// Kind is a kind of client.
type Kind int

const (
	// GetNew is a GET on a connection of its own.
	GetNew Kind = iota
	// GetKept is a GET on a connection that is kept.
	GetKept
	// PostNew is a POST on a connection of its own.
	PostNew
	// PostKept is a POST on a connection that is kept. No client may repeat it.
	PostKept
	// Stream reads server-sent events.
	Stream
	// Socket is a WebSocket.
	Socket

	kinds
)

func (k Kind) String() string {
	return [kinds]string{"get", "kept get", "post", "kept post", "stream", "socket"}[k]
}

// lasting is true of what has no end of its own.
func (k Kind) lasting() bool { return k == Stream || k == Socket }

// Miss is an exchange that did not end well.
type Miss struct {
	Kind Kind
	// How is a word: refused, reset, eof, timeout, malformed, "status 502".
	How string
	// Instance is who answered, where that is known.
	Instance string
	// Begun says that a byte of the answer came; of a stream or a WebSocket,
	// that it was open.
	Begun       bool
	From, Until time.Time
	Err         error
}
