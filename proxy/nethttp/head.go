package nethttp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/webstack/webstack/proxy/header"
)

// maxAnswerHead bounds an answer's head: what an application writes with
// large cookies and policies fits in a quarter of it.
const maxAnswerHead = 64 << 10

// errGarbage is what makes an answer's head no HTTP/1 head.
var errGarbage = errors.New("not an HTTP/1 answer")

// answerHead is the head of an instance's answer.
type answerHead struct {
	status int
	// old says HTTP/1.0: closed by default, and never chunked.
	old    bool
	fields []header.Field

	// Framing, as the fields give it. length is -1 where there is no
	// Content-Length.
	length  int64
	chunked bool
	close   bool
}

// cutError is a connection that ended, or failed, after some of an answer.
type cutError struct{ error }

func (e cutError) Unwrap() error { return e.error }

// readAnswerHead reads a head and its framing. An error is what the
// connection says, in a cutError where part of the head had come, or
// errGarbage, wrapped.
func readAnswerHead(br *bufio.Reader) (*answerHead, error) {
	left := maxAnswerHead
	h := &answerHead{length: -1}
	for first := true; ; first = false {
		line, err := readLine(br, &left)
		switch {
		case err != nil && left < maxAnswerHead && !errors.Is(err, errGarbage):
			return nil, cutError{err}
		case err != nil:
			return nil, err
		case first:
			err = h.parseStatus(line)
		case line == "":
			return h, h.parseFraming()
		default:
			err = h.parseField(line)
		}
		if err != nil {
			return nil, err
		}
	}
}

// readLine reads up to CRLF. A bare LF ends a line too: "a recipient MAY
// recognize a single LF as a line terminator" (RFC 9112 section 2.2), and CGI
// scripts write it.
func readLine(br *bufio.Reader, left *int) (string, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		*left -= len(part)
		if *left < 0 {
			return "", fmt.Errorf("%w: its head is longer than %d bytes", errGarbage, maxAnswerHead)
		}
		line = append(line, part...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && len(line) > 0 {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		line = bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
		if bytes.ContainsAny(line, "\r\x00") {
			return "", fmt.Errorf("%w: a control byte in its head", errGarbage)
		}
		return string(line), nil
	}
}

// parseStatus reads "HTTP/1.1 200 OK" (RFC 9112 section 4).
func (h *answerHead) parseStatus(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	if len(version) != len("HTTP/1.1") || !strings.HasPrefix(version, "HTTP/1.") ||
		version[7] < '0' || version[7] > '9' {
		return fmt.Errorf("%w: its first line is %.40q", errGarbage, line)
	}
	if len(code) != 3 || code[0] < '1' || code[0] > '9' || !allDigits(code) {
		return fmt.Errorf("%w: its status is %.40q", errGarbage, code)
	}
	h.old = version[7] == '0'
	h.status, _ = strconv.Atoi(code)
	return nil
}

// parseField reads one field line. Whitespace before the colon could hide a
// field from one reader and show it to the next; a folded line likewise.
func (h *answerHead) parseField(line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("%w: a field line is %.40q", errGarbage, line)
	}
	h.fields = append(h.fields, header.Field{Name: name, Value: strings.Trim(value, " \t")})
	return nil
}

// parseFraming reads how the body ends (RFC 9112 section 6.3). Both framings,
// or one twice, can only be read wrongly by somebody: refused.
func (h *answerHead) parseFraming() error {
	h.close = h.old
	for _, f := range h.fields {
		switch strings.ToLower(f.Name) {
		case "content-length":
			n, err := strconv.ParseInt(f.Value, 10, 64)
			if err != nil || !allDigits(f.Value) || h.length >= 0 {
				return fmt.Errorf("%w: its Content-Length is %.40q", errGarbage, f.Value)
			}
			h.length = n
		case "transfer-encoding":
			if !strings.EqualFold(f.Value, "chunked") || h.chunked || h.old {
				return fmt.Errorf("%w: its Transfer-Encoding is %.40q", errGarbage, f.Value)
			}
			h.chunked = true
		case "connection":
			for _, token := range strings.Split(f.Value, ",") {
				switch strings.ToLower(strings.TrimSpace(token)) {
				case "close":
					h.close = true
				case "keep-alive":
					h.close = false
				}
			}
		}
	}
	if h.chunked && h.length >= 0 {
		return fmt.Errorf("%w: it has both Content-Length and Transfer-Encoding", errGarbage)
	}
	return nil
}

// bodiless says that no body follows whatever the fields say (RFC 9112
// section 6.3).
func (h *answerHead) bodiless(method string) bool {
	return method == "HEAD" || h.status < 200 || h.status == 204 || h.status == 304
}

// field is the value of the first field of that name.
func (h *answerHead) field(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
