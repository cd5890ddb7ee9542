package http1

import (
	"encoding/binary"
	"errors"
)

// frozenChunkReader is a ChunkReader as bytes: three octets and four numbers.
const frozenChunkReader = 3 + 4*8

var errFrozen = errors.New("this is no frozen chunk reader")

// AppendBinary appends the reader as bytes, from which another process can go
// on with the body. The error is always nil.
func (c *ChunkReader) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(dst, byte(c.state), c.digits, c.candidates)
	for _, n := range []int64{int64(c.line), c.left, c.overhead, int64(c.trailer)} {
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return dst, nil
}

// UnmarshalBinary reads what AppendBinary has written, and refuses what it
// cannot have written.
func (c *ChunkReader) UnmarshalBinary(data []byte) error {
	if len(data) != frozenChunkReader || chunkState(data[0]) > chunksDone {
		return errFrozen
	}
	var numbers [4]int64
	for i := range numbers {
		numbers[i] = int64(binary.BigEndian.Uint64(data[3+8*i:]))
		if numbers[i] < 0 {
			return errFrozen
		}
	}
	*c = ChunkReader{
		state: chunkState(data[0]), digits: data[1], candidates: data[2],
		line: int(numbers[0]), left: numbers[1], overhead: numbers[2], trailer: int(numbers[3]),
	}
	return nil
}
