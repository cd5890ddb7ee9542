package http1

import (
	"strconv"

	"github.com/webstack/webstack/proxy/header"
)

// What is sent is written here, from what was understood, and never copied
// from what was received (F10). The version is always HTTP/1.1: RFC 9110
// section 2.5 has a sender say the highest that it conforms to.

const (
	// ChunkTail follows a chunk's data.
	ChunkTail = "\r\n"
	// LastChunk ends a chunked body without trailers.
	LastChunk = "0\r\n\r\n"
	// EndOfHead follows the last field.
	EndOfHead = "\r\n"
	// ChunkedField is the one framing beside Content-Length that is sent.
	ChunkedField = "Transfer-Encoding: chunked\r\n"
)

// AppendRequestLine appends "GET /path HTTP/1.1" and CRLF.
func AppendRequestLine(dst []byte, method, target string) []byte {
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	return append(dst, " HTTP/1.1\r\n"...)
}

// AppendStatusLine appends "HTTP/1.1 200 OK" and CRLF, with the standard
// reason phrase.
func AppendStatusLine(dst []byte, status int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(dst, byte('0'+status/100%10), byte('0'+status/10%10), byte('0'+status%10), ' ')
	dst = append(dst, Reason(status)...)
	return append(dst, "\r\n"...)
}

// AppendFields appends one line for each field.
func AppendFields(dst []byte, fields []header.Field) []byte {
	for i := range fields {
		dst = append(dst, fields[i].Name...)
		dst = append(dst, ": "...)
		dst = append(dst, fields[i].Value...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// AppendContentLength appends the Content-Length line.
func AppendContentLength(dst []byte, n int64) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

// AppendChunkHead appends the size line of a chunk of n octets, n > 0.
func AppendChunkHead(dst []byte, n int) []byte {
	dst = strconv.AppendUint(dst, uint64(n), 16)
	return append(dst, "\r\n"...)
}
