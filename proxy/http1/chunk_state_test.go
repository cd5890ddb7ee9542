package http1

import (
	"bytes"
	"testing"
)

func TestAChunkReaderGoesOnFromItsStateAtAnyOctet(t *testing.T) {
	const body = "5;name=\"va\\lue\"\r\nhello\r\n00a ; x\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\n"
	var c ChunkReader
	var got []byte
	for i := range len(body) {
		var next ChunkReader
		if !next.Resume(c.State()) {
			t.Fatalf("no reader goes on behind %q", body[:i])
		}
		c = next
		data, _, _, err := c.Next(bytes.Clone([]byte(body[i : i+1])))
		if err != nil {
			t.Fatalf("behind %q: %s", body[:i], err.Reason)
		}
		got = append(got, data...)
	}
	if string(got) != "hello, world!!!" || c.state != chunksDone {
		t.Errorf("got %q, done %t", got, c.state == chunksDone)
	}
	for _, s := range []ChunkState{{-1}, {int64(chunksDone) + 1}, {0, maxSizeDigits + 1}, {0, 0, 256}, {0, 0, 0, 0, -1}} {
		if c.Resume(s) {
			t.Errorf("it goes on from %v", s)
		}
	}
}
