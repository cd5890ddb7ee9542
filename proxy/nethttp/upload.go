package nethttp

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"os"
	"sync"
	"time"
)

// uploadBuffer is how much of a request body is under way at once.
const uploadBuffer = 32 << 10

// errTooLarge is a request body that is longer than the route allows.
var errTooLarge = errors.New("the request body is too large")

// upload sends a request's body to an instance while the answer is awaited,
// for an instance may answer before it has read all.
type upload struct {
	x    *exchange
	b    *backend
	done chan struct{}

	mu sync.Mutex
	// clientErr is why the body could not be read, backendErr why it could
	// not be sent.
	clientErr, backendErr error
	// whole says that the body was read to its end.
	whole bool
	// unwanted says that end interrupted it: what fails then is our doing.
	unwanted bool
}

// startUpload begins to send the body.
func (x *exchange) startUpload(b *backend) *upload {
	u := &upload{x: x, b: b, done: make(chan struct{})}
	x.upload = u
	// Without it net/http reads the body itself before it sends an answer.
	_ = x.rc.EnableFullDuplex()
	go u.run()
	return u
}

func (u *upload) run() {
	defer close(u.done)
	var err error
	if u.x.r.ContentLength >= 0 {
		err = u.copy(idleWriter{u})
	} else {
		err = u.copyChunked()
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.clientErr != nil:
		// Half a request must not stand as a whole one.
		u.b.abort()
	case err != nil:
		// The instance may have answered before it stopped reading.
		u.backendErr = err
		u.b.awaitHeadWithin(u.x.route.ResponseTimeout)
	default:
		u.b.awaitHeadWithin(u.x.route.ResponseTimeout)
	}
}

// copyChunked sends a body of unknown length.
func (u *upload) copyChunked() error {
	buffered := bufio.NewWriterSize(idleWriter{u}, uploadBuffer)
	chunks := httputil.NewChunkedWriter(buffered)
	if err := u.copy(flushingWriter{chunks, buffered}); err != nil || u.failedReading() {
		return err
	}
	if err := chunks.Close(); err != nil {
		return err
	}
	// The empty trailer section, which NewChunkedWriter leaves to its user.
	if _, err := io.WriteString(buffered, "\r\n"); err != nil {
		return err
	}
	return buffered.Flush()
}

// copy moves the body; what fails on the client's side is kept in clientErr.
func (u *upload) copy(w io.Writer) error {
	buf := make([]byte, uploadBuffer)
	limit, total := u.x.route.MaxBody, int64(0)
	for {
		u.readWithin(u.x.snap.Limits.Body)
		n, err := u.x.r.Body.Read(buf)
		if total += int64(n); limit > 0 && total > limit {
			err, n = errTooLarge, 0
		}
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			u.readWithin(0)
			u.mu.Lock()
			defer u.mu.Unlock()
			u.whole = true
			return nil
		}
		if err != nil {
			u.mu.Lock()
			defer u.mu.Unlock()
			if u.unwanted {
				return err
			}
			u.clientErr = err
			return nil
		}
	}
}

// readWithin sets the deadline of the next read from the client, unless end
// wants no more of it.
func (u *upload) readWithin(d time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.unwanted {
		_ = u.x.rc.SetReadDeadline(deadline(d))
	}
}

func (u *upload) failedReading() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.clientErr != nil
}

// running says that the body is not all sent.
func (u *upload) running() bool {
	if u == nil {
		return false
	}
	select {
	case <-u.done:
		return false
	default:
		return true
	}
}

// unfinished says that there may be more of the body to come from the client.
func (u *upload) unfinished() bool {
	if u == nil {
		return false
	}
	if u.running() {
		return true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.whole
}

// wait waits for an upload that has failed or is about to: its connection to
// the instance was aborted with the exchange.
func (u *upload) wait() {
	if u != nil {
		<-u.done
	}
}

// end stops an upload that is no longer wanted and waits for it: the body is
// not to be touched after the exchange. It says whether all was sent.
func (u *upload) end() bool {
	if u == nil {
		return true
	}
	if u.running() {
		u.b.abort()
		u.mu.Lock()
		u.unwanted = true
		_ = u.x.rc.SetReadDeadline(longAgo)
		u.mu.Unlock()
	}
	<-u.done
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.clientErr == nil && u.backendErr == nil
}

// refusedUpload answers where the client's side of the upload has failed, and says
// whether it did.
func (x *exchange) refusedUpload(u *upload) bool {
	if u == nil {
		return false
	}
	u.mu.Lock()
	err := u.clientErr
	u.mu.Unlock()
	switch {
	case err == nil:
		return false
	case errors.Is(err, errTooLarge):
		x.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.fail(http.StatusRequestTimeout, "")
	case x.r.Context().Err() != nil:
		x.abandon()
	default:
		// The client's framing is broken, or it has gone.
		x.fail(http.StatusBadRequest, "")
	}
	return true
}

// idleWriter writes to the instance, each write with a deadline of its own.
type idleWriter struct{ u *upload }

func (w idleWriter) Write(p []byte) (int, error) {
	w.u.b.writeWithin(w.u.x.route.IdleTimeout)
	return w.u.b.Write(p)
}

// flushingWriter sends every chunk at once.
type flushingWriter struct {
	io.Writer
	buffered *bufio.Writer
}

func (w flushingWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		return n, err
	}
	return n, w.buffered.Flush()
}
