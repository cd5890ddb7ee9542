package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// malformations are requests that no server may serve, whatever else it accepts.
var malformations = []struct {
	name string
	text string
}{
	{"nonsense", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS, or so\r\n\r\n"},
	{"no version", "GET /bytes\r\n\r\n"},
	{"a version that is none", "GET /bytes HTTP/x.y\r\nHost: soak.example\r\n\r\n"},
	{"no Host", "GET /bytes HTTP/1.1\r\n\r\n"},
	{"two Hosts", "GET /bytes HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
	{"a Host with a space", "GET /bytes HTTP/1.1\r\nHost: a b\r\n\r\n"},
	{"a space before the colon", "GET /bytes HTTP/1.1\r\nHost : soak.example\r\n\r\n"},
	{"a name with a control", "GET /bytes HTTP/1.1\r\nHost: soak.example\r\nX\x01Y: 1\r\n\r\n"},
	{"a value with NUL", "GET /bytes HTTP/1.1\r\nHost: soak.example\r\nX: 1\x002\r\n\r\n"},
	{"a field without a colon", "GET /bytes HTTP/1.1\r\nHost: soak.example\r\nnonsense\r\n\r\n"},
	{"a length that is none", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: x\r\n\r\n"},
	{"a length with a sign", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: +5\r\n\r\nhello"},
	{"a length beyond all", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: 99999999999999999999\r\n\r\n"},
	{"two lengths", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
	{"a coding that is unknown", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nTransfer-Encoding: xchunked\r\n\r\n"},
	{"chunked twice", "POST /sum HTTP/1.1\r\nHost: soak.example\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"a body beyond the limit", fmt.Sprintf("POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: %d\r\n\r\n", int64(maxBody)+1)},
	{"a head without end", "GET /bytes HTTP/1.1\r\nHost: soak.example\r\n" + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 2000) + "\r\n"},
}

// malformed sends one of them: it is answered by a 4xx, or by the end.
func (a *actor) malformed() {
	m := malformations[a.rng.IntN(len(malformations))]
	x := a.exchange(false, "%s", m.name)
	c, err := a.dial()
	if err == nil {
		// The server may well answer and end before it has read all of it.
		_, _ = io.WriteString(c, m.text)
		err = x.refused(c, 0)
	}
	a.settle(x, sternly(err))
	a.pause(10 * time.Millisecond)
}

// refused reads a refusal and the connection's end. A status that is wanted is
// the only one; 0 wants any refusal.
func (x *exchange) refused(c *connection, want int) error {
	response, err := http.ReadResponse(c.in, nil)
	switch {
	case err == io.ErrUnexpectedEOF, errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return nil // the end, without a word
	case err != nil:
		return timely(err)
	}
	x.status = response.StatusCode
	_, _ = io.Copy(io.Discard, response.Body)
	switch {
	case want != 0 && x.status == want:
	case want == 0 && x.status >= 400 && x.status < 500:
	// Versions and codings that it does not know: RFC 9110, section 15.6.
	case want == 0 && (x.status == http.StatusNotImplemented || x.status == http.StatusHTTPVersionNotSupported):
	default:
		return wrongStatus(x.status)
	}
	// What follows a refusal is read by nobody.
	if _, err := io.Copy(io.Discard, c.in); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		return timely(err)
	}
	return nil
}
