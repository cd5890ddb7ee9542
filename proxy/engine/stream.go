package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/loop"
)

// errno is the kernel's word on why a call came to nothing; 0 is none. The
// package branches on a few of them and logs the others.
type errno = syscall.Errno

// stream is one end of a connection, as the machine knows it: bytes in, bytes
// out, and readiness that is announced by the handler it was given. A socket
// is one (socket.go); what decrypts, or cuts frames, will be another.
//
// No call blocks. A call that could not do anything now gives EAGAIN, and the
// handler hears when it can. Readiness is edge-triggered: it is announced when
// it begins, and lasts until a call gives less than was asked for.
type stream interface {
	// Watch announces readiness to h from now on. Before it, calls may be
	// tried all the same.
	Watch(h loop.Handler) error
	// Read reads what is there. 0 without an error is the end.
	Read(p []byte) (int, errno)
	// Write takes what there is room for.
	Write(p []byte) (int, errno)
	// SendFile is a Write of n bytes of an open file at an offset.
	SendFile(fd int, offset int64, n int) (int, errno)
	// CloseWrite ends what we send; the other direction goes on.
	CloseWrite()
	// Reset makes the Close that follows an error at the other end.
	Reset()
	// Release is for a connection that goes on elsewhere: nothing is announced
	// any more, and the stream that it gives is open and no loop's.
	Release() stream
	// Close gives everything back. No event is announced after it.
	Close()
	// Err is why a connect failed, once the handler heard of its end; 0 where
	// it succeeded.
	Err() errno
	// Quiet says that nothing has come that was not read: neither bytes nor
	// the end.
	Quiet() bool
	// Unsent is how many bytes were written that the other end has not
	// acknowledged.
	Unsent() int
}
