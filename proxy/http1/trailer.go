package http1

// forbiddenTrailers never stand in a trailer section (RFC 9110 section 6.5.1):
// they are "those that describe message framing, routing, authentication", and
// whoever sends them wants somebody to merge them into the head (F8).
var forbiddenTrailers = [...]string{
	"content-length", "transfer-encoding", "host", "authorization",
	"connection", "content-type", "cookie", "upgrade",
}

const allCandidates = 1<<len(forbiddenTrailers) - 1

// trailerLine takes an octet of trailer-section CRLF. Trailers are held to the
// grammar of fields and dropped: RFC 9110 section 6.5.1, they are never merged
// into the fields of a head.
func (c *ChunkReader) trailerLine(b byte) fault {
	if c.trailer++; c.trailer > maxTrailer {
		return longTrailer
	}
	switch c.state {
	case inTrailerStart:
		if b == '\r' {
			c.state = inFinalLF
			return legal
		}
		c.line, c.candidates = 0, allCandidates
		c.state = inTrailerName
		return c.trailerName(b)
	case inTrailerName:
		if b == ':' {
			return c.trailerNamed()
		}
		return c.trailerName(b)
	case inTrailerValue:
		switch {
		case b == '\r':
			c.state = inTrailerLF
		case class[b]&textByte == 0:
			return badTrailer
		}
	case inTrailerLF:
		if b != '\n' {
			return bareCR
		}
		c.state = inTrailerStart
	case inFinalLF:
		if b != '\n' {
			return bareCR
		}
		c.state = chunksDone
	}
	return legal
}

// trailerName takes an octet of a name, and strikes out the forbidden ones
// that it is not.
func (c *ChunkReader) trailerName(b byte) fault {
	if class[b]&tokenByte == 0 {
		return badTrailer
	}
	if 'A' <= b && b <= 'Z' {
		b |= 0x20
	}
	for i, name := range forbiddenTrailers {
		if c.line >= len(name) || name[c.line] != b {
			c.candidates &^= 1 << i
		}
	}
	c.line++
	return legal
}

// trailerNamed judges the name that has ended.
func (c *ChunkReader) trailerNamed() fault {
	for i, name := range forbiddenTrailers {
		if c.candidates&(1<<i) != 0 && c.line == len(name) {
			return badTrailer
		}
	}
	c.state = inTrailerValue
	return legal
}
