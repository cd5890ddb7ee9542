package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
)

// payload reads as n octets that follow from the seed, so that both ends know
// them without storing them.
func payload(seed uint64, n int64) io.Reader {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return io.LimitReader(rand.NewChaCha8(key), n)
}

// checksum is of the payload, in hex.
func checksum(seed uint64, n int64) string {
	h := sha256.New()
	_, _ = io.Copy(h, payload(seed, n)) // neither of them fails
	return hex.EncodeToString(h.Sum(nil))
}

// comparing reads from and makes sure that it is the payload, as it comes: an
// octet that differs is found where it is.
type comparing struct {
	want io.Reader
	at   int64
	buf  []byte
}

// Write is given what came.
func (c *comparing) Write(p []byte) (int, error) {
	if len(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	want := c.buf[:len(p)]
	if n, err := io.ReadFull(c.want, want); err != nil {
		return 0, &wrong{fmt.Sprintf("the body is longer than the %d octets that were asked for", c.at+int64(n))}
	}
	for i := range p {
		if p[i] != want[i] {
			return 0, &wrong{fmt.Sprintf("octet %d of the body is %#x and should be %#x", c.at+int64(i), p[i], want[i])}
		}
	}
	c.at += int64(len(p))
	return len(p), nil
}

// wrong is an answer that nothing excuses.
type wrong struct{ text string }

func (w *wrong) Error() string { return w.text }
