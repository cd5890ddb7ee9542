package http1

// ChunkState is a ChunkReader's progress as plain numbers, for a connection
// that goes on in another process.
type ChunkState [7]int64

// State is how far the reader has come.
func (c *ChunkReader) State() ChunkState {
	return ChunkState{
		int64(c.state), int64(c.digits), int64(c.candidates), int64(c.line), c.left, c.overhead, int64(c.trailer),
	}
}

// Resume goes on from a state. It is false where no reader comes to such.
func (c *ChunkReader) Resume(s ChunkState) bool {
	if s[0] < 0 || s[0] > int64(chunksDone) || s[1] < 0 || s[1] > maxSizeDigits || s[2] < 0 || s[2] > 0xff {
		return false
	}
	for _, n := range s[3:] {
		if n < 0 {
			return false
		}
	}
	*c = ChunkReader{
		state: chunkState(s[0]), digits: uint8(s[1]), candidates: uint8(s[2]),
		line: int(s[3]), left: s[4], overhead: s[5], trailer: int(s[6]),
	}
	return true
}
