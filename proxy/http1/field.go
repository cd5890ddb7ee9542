package http1

import (
	"encoding/binary"
	"math/bits"
)

// fieldLine reads the line that begins at buf[at] of a header section: a
// field, or the empty line that ends it, whose name is "". The next line
// begins at next.
func fieldLine(buf []byte, at int) (name, value string, next int, f fault) {
	i := at
	for i < len(buf) && class[buf[i]]&tokenByte != 0 {
		i++
	}
	switch {
	case i == len(buf):
		return "", "", 0, more
	case buf[i] == '\r' && i == at:
		next, f = lineEnd(buf, i)
		return "", "", next, f
	case buf[i] != ':' || i == at:
		return "", "", 0, nameFault(buf[i], i == at)
	}
	name = view(buf[at:i])
	i++
	// RFC 9112 section 5: "A field line value might be preceded and/or
	// followed by optional whitespace (OWS)": SP and HTAB, and nothing else
	// that some language calls space (R9).
	for i < len(buf) && (buf[i] == ' ' || buf[i] == '\t') {
		i++
	}
	start, end := i, textEnd(buf, i)
	if end == len(buf) {
		return "", "", 0, more
	}
	next, f = lineEnd(buf, end)
	for end > start && (buf[end-1] == ' ' || buf[end-1] == '\t') {
		end--
	}
	return name, view(buf[start:end]), next, f
}

// nameFault says what is wrong with an octet that is not part of a name and
// not its colon.
func nameFault(c byte, first bool) fault {
	switch {
	case c == ':':
		// A token is not empty. A reader that took an empty name for the end
		// of the head let requests be smuggled (CVE-2023-25725).
		return emptyName
	case first && (c == ' ' || c == '\t'):
		// RFC 9112 section 5.2: "A server that receives an obs-fold in a
		// request message [...] MUST either reject the message by sending a
		// 400 (Bad Request) [...] or replace each received obs-fold".
		return foldedLine
	case c == ' ', c == '\t':
		// RFC 9112 section 5.1: "A server MUST reject, with a response
		// status code of 400 (Bad Request), any received request message
		// that contains whitespace between a header field name and colon."
		return spaceBeforeColon
	case first && c == '\n':
		return bareLF
	case c == '\r', c == '\n':
		return noColon
	}
	return badName
}

// lineEnd reads the CRLF at buf[at], which is the first octet that the line's
// content cannot hold, and gives where the next line begins.
func lineEnd(buf []byte, at int) (next int, f fault) {
	switch buf[at] {
	case '\r':
		if at+1 == len(buf) {
			return 0, more
		}
		if buf[at+1] != '\n' {
			// RFC 9112 section 2.2: "A recipient of such a bare CR MUST
			// consider that element to be invalid or replace each bare CR
			// with SP". It is invalid.
			return 0, bareCR
		}
		return at + 2, legal
	case '\n':
		// RFC 9112 section 2.2: "a recipient MAY recognize a single LF as a
		// line terminator". One that does not agrees with every reader (R1).
		return 0, bareLF
	}
	// RFC 9110 section 5.5: "Field values containing CR, LF, or NUL
	// characters are invalid and dangerous"; the other controls are invalid
	// too, and refused with them (R9).
	return 0, badValue
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// textEnd is the offset of the first octet from i on that is not field
// content, or len(buf). Eight octets are looked at in one step.
func textEnd(buf []byte, i int) int {
	for i >= 0 && i <= len(buf)-8 {
		x := binary.LittleEndian.Uint64(buf[i : i+8])
		del := x ^ ones*0x7f
		// An octet's high bit is set where it is below SP or is DEL; a borrow
		// can only mark octets above the first that is marked rightly.
		marks := ((x-ones*' ')&^x | (del-ones)&^del) & highs
		if marks == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(marks) / 8
		if buf[i] != '\t' {
			return i
		}
		i++
	}
	for i < len(buf) && class[buf[i]]&textByte != 0 {
		i++
	}
	return i
}
