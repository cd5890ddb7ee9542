package backend

import (
	"bytes"
	"fmt"
	"strconv"
)

// Paths of the answers, with the lengths of their bodies.
var Paths = map[string]int{
	"/small": 100,
	"/10k":   10 << 10,
	"/100k":  100 << 10,
}

// Upload is the path to post to. The answer's body is the number of bytes
// that came, on a line.
const Upload = "/upload"

// Body is the body of n bytes that is sent: letters in turn, so that a piece
// that is missing, or twice there, shows.
func Body(n int) []byte {
	body := make([]byte, n)
	for i := range body {
		body[i] = 'a' + byte(i%26)
	}
	return body
}

// appendAnswer appends a whole answer with a head such as an application's.
func appendAnswer(dst []byte, status string, keep bool, body []byte) []byte {
	connection := "keep-alive"
	if !keep {
		connection = "close"
	}
	dst = fmt.Appendf(dst, "HTTP/1.1 %s\r\nServer: backend\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n", status, len(body), connection)
	return append(dst, body...)
}

// answers are whole, by path, for connections that stay and that end.
type answers map[string][2][]byte

func prepareAnswers() answers {
	all := answers{}
	for path, n := range Paths {
		body := Body(n)
		all[path] = [2][]byte{appendAnswer(nil, "200 OK", false, body), appendAnswer(nil, "200 OK", true, body)}
	}
	return all
}

// request is what of a head matters here.
type request struct {
	path string
	post bool
	keep bool
	body int // length that follows
	head int // length of the head itself
}

// parse reads a head; complete is false while more of it has to come.
func parse(buf []byte) (r request, complete bool, err error) {
	end := bytes.Index(buf, []byte("\r\n\r\n"))
	if end < 0 {
		return r, false, nil
	}
	r.head = end + 4
	head := buf[:end+2]
	line, fields, _ := bytes.Cut(head, []byte("\r\n"))
	method, rest, ok := bytes.Cut(line, []byte(" "))
	path, version, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 {
		return r, false, fmt.Errorf("not a request: %q", line)
	}
	r.path, r.post = string(path), string(method) == "POST"
	r.keep = string(version) == "HTTP/1.1"
	// Proxies write the names of fields in one of these ways.
	if value, ok := field(fields, "Connection: ", "connection: "); ok {
		r.keep = bytes.EqualFold(value, []byte("keep-alive"))
	}
	if r.post {
		value, ok := field(fields, "Content-Length: ", "content-length: ")
		if !ok {
			return r, false, fmt.Errorf("a POST without Content-Length: %q", head)
		}
		if r.body, err = strconv.Atoi(string(value)); err != nil {
			return r, false, err
		}
	}
	return r, true, nil
}

func field(fields []byte, names ...string) ([]byte, bool) {
	for _, name := range names {
		at := bytes.Index(fields, []byte(name))
		if at == 0 || at > 0 && fields[at-1] == '\n' {
			value, _, _ := bytes.Cut(fields[at+len(name):], []byte("\r\n"))
			return value, true
		}
	}
	return nil, false
}
