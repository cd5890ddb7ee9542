package http1

import "math"

const (
	// maxExtension is the most octets of a chunk's extensions. Nobody is known
	// to use any.
	maxExtension = 256
	// maxOverhead bounds what size lines may cost beyond the data that they
	// bring, over a whole body (CVE-2023-39326: extensions of tiny chunks make
	// a reader take in thousands of times what it delivers). freeOverhead is
	// what each chunk's line may have for nothing: a size and its CRLF.
	maxOverhead  = 16 << 10
	freeOverhead = 16
	// maxTrailer is the most octets of all trailers, which are dropped.
	maxTrailer = 8 << 10
	// maxSizeDigits lets leading zeros be there, but not for ever.
	maxSizeDigits = 16
)

// chunkState is what the next octet belongs to.
type chunkState uint8

const (
	// inSizeStart wants the first digit, inSize another or the line's end.
	inSizeStart chunkState = iota
	inSize
	// inExtSpace is whitespace after the size or an extension, before ";".
	inExtSpace
	// inExtStart is behind ";", where a name must begin; inExtName inside of
	// one; inNameSpace behind one, where "=", ";" or the end may follow.
	inExtStart
	inExtName
	inNameSpace
	// inExtValueStart is behind "=", the others inside of a value.
	inExtValueStart
	inExtValue
	inExtQuoted
	inExtEscaped
	// inExtClosed is behind the closing quote.
	inExtClosed
	// inSizeLF wants the LF that ends the size line.
	inSizeLF
	// inData is inside of a chunk; inDataCR and inDataLF want its CRLF.
	inData
	inDataCR
	inDataLF
	// inTrailerStart is at a line's beginning in the trailer section.
	inTrailerStart
	inTrailerName
	inTrailerValue
	inTrailerLF
	// inFinalLF wants the LF of the empty line that ends it all.
	inFinalLF
	// chunksDone: nothing more belongs to this body.
	chunksDone
)

// ChunkReader takes the chunked coding off a body (RFC 9112 section 7.1). Its
// zero value is at a body's beginning; it is a plain value and may be copied.
type ChunkReader struct {
	state  chunkState
	digits uint8
	// candidates has a bit for each forbidden trailer whose name begins with
	// the octets seen so far.
	candidates uint8
	// line counts the octets of the size line, or of the trailer's name.
	line int
	// left is what the chunk still has of data, or its size while that is
	// being read.
	left     int64
	overhead int64
	trailer  int
}

// Next reads on in buf. data is the part of buf in which the data of all
// chunks found now lies together: that of the first stays where it is, later
// ones are moved up behind it. used is how much of buf belongs to the body; it
// is all of buf until done, which says that the last chunk, the trailers and
// the final CRLF have been read: a body that ends before is incomplete (F9),
// and what is behind is the next message's. With an error, data is what
// came before the fault; its Status is the one for a request: an answer has
// begun by then, and is cut.
func (c *ChunkReader) Next(buf []byte) (data []byte, used int, done bool, err *Error) {
	start, end := 0, 0
	i := 0
	for i < len(buf) && c.state != chunksDone {
		if c.state != inData {
			if f := c.octet(buf[i]); f != legal {
				return buf[start:end], i, false, &requestErrors[f]
			}
			i++
			continue
		}
		n := int(min(c.left, int64(len(buf)-i)))
		if start == end {
			start, end = i, i+n
		} else {
			end += copy(buf[end:], buf[i:i+n])
		}
		i += n
		if c.left -= int64(n); c.left == 0 {
			c.state = inDataCR
		}
	}
	return buf[start:end], i, c.state == chunksDone, nil
}

// Left is how much data is still to come of the chunk that has begun.
func (c *ChunkReader) Left() int64 {
	if c.state != inData {
		return 0
	}
	return c.left
}

// octet takes one that is not data.
func (c *ChunkReader) octet(b byte) fault {
	switch {
	case c.state <= inSizeLF:
		return c.sizeLine(b)
	case c.state == inDataCR:
		// Anything but CRLF here, and the size was a lie (F6).
		if b != '\r' {
			return badChunkEnd
		}
		c.state = inDataLF
	case c.state == inDataLF:
		if b != '\n' {
			return badChunkEnd
		}
		c.state = inSizeStart
	default:
		return c.trailerLine(b)
	}
	return legal
}

// sizeLine reads chunk-size [ chunk-ext ] CRLF.
func (c *ChunkReader) sizeLine(b byte) fault {
	switch c.state {
	case inSizeStart:
		c.left, c.digits, c.line = 0, 0, 0
		c.state = inSize
		return c.size(b)
	case inSize:
		switch b {
		case '\r', ';', ' ', '\t':
			return c.extension(b)
		}
		return c.size(b)
	case inSizeLF:
		// RFC 9112 section 2.2 lets a lone LF end a line of a head. It is no
		// end of a chunk's line, and reading it as one has let requests be
		// smuggled (CVE-2025-22871); nor does a lone CR end it.
		if b != '\n' {
			return bareCR
		}
		return c.sizeLineEnd()
	}
	return c.extension(b)
}

// size takes a digit of chunk-size = 1*HEXDIG. RFC 9112 section 7.1:
// "recipients MUST anticipate potentially large hexadecimal numerals and
// prevent parsing errors due to integer conversion overflows".
func (c *ChunkReader) size(b byte) fault {
	d := unhex(b)
	if d < 0 || c.digits == maxSizeDigits || c.left > math.MaxInt64>>4 {
		return badChunkSize
	}
	c.left = c.left<<4 | int64(d)
	c.digits++
	c.line++
	return legal
}

func unhex(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		return int(b|0x20-'a') + 10
	}
	return -1
}

// sizeLineEnd goes over to the data or, after the last chunk, the trailers.
func (c *ChunkReader) sizeLineEnd() fault {
	c.overhead = max(0, c.overhead+int64(c.line)-freeOverhead-c.left)
	if c.overhead > maxOverhead {
		return longExtension
	}
	c.state = inData
	if c.left == 0 {
		c.state = inTrailerStart
	}
	return legal
}
