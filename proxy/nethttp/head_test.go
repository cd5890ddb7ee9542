package nethttp

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadAnswerHead(t *testing.T) {
	tests := []struct {
		name    string
		in      string
		status  int
		length  int64
		chunked bool
		close   bool
		garbage bool
		err     error // with garbage false: what errors.Is finds
	}{
		{name: "a length", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", status: 200, length: 5},
		{name: "no reason phrase", in: "HTTP/1.1 204\r\n\r\n", status: 204, length: -1},
		{name: "chunked in any case", in: "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n", status: 200, length: -1, chunked: true},
		{name: "closed by the field", in: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n", status: 200, length: -1, close: true},
		{name: "HTTP/1.0 closes", in: "HTTP/1.0 200 OK\r\n\r\n", status: 200, length: -1, close: true},
		{name: "HTTP/1.0 kept alive", in: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", status: 200},
		{name: "bare LF", in: "HTTP/1.1 200 OK\nContent-Length: 5\n\n", status: 200, length: 5},
		{name: "nothing", in: "", err: io.EOF},
		{name: "cut in the status line", in: "HTTP/1.1 20", err: io.ErrUnexpectedEOF},
		{name: "cut between lines", in: "HTTP/1.1 200 OK\r\n", err: io.EOF},
		{name: "another protocol", in: "SSH-2.0-OpenSSH\r\n", garbage: true},
		{name: "HTTP/2", in: "HTTP/2.0 200 OK\r\n\r\n", garbage: true},
		{name: "a status of two digits", in: "HTTP/1.1 20 OK\r\n\r\n", garbage: true},
		{name: "a status that is no number", in: "HTTP/1.1 +20 OK\r\n\r\n", garbage: true},
		{name: "both framings", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", garbage: true},
		{name: "two lengths", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", garbage: true},
		{name: "a signed length", in: "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", garbage: true},
		{name: "a length past 2^63", in: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n", garbage: true},
		{name: "chunked twice", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", garbage: true},
		{name: "another coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", garbage: true},
		{name: "space before the colon", in: "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", garbage: true},
		{name: "a folded line", in: "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", garbage: true},
		{name: "a bare CR", in: "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", garbage: true},
		{name: "NUL", in: "HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", garbage: true},
		{name: "an endless head", in: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", maxAnswerHead), garbage: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				h, err := readAnswerHead(bufio.NewReader(r))
				switch {
				case tt.garbage || tt.err != nil:
					if got := errors.Is(err, errGarbage); got != tt.garbage || tt.err != nil && !errors.Is(err, tt.err) {
						t.Fatalf("got error %v, want garbage %v, error %v", err, tt.garbage, tt.err)
					}
					var cut cutError
					if got, want := errors.As(err, &cut), !tt.garbage && tt.in != ""; got != want {
						t.Fatalf("cut: got %v, want %v", got, want)
					}
				case err != nil:
					t.Fatalf("got error %v", err)
				case h.status != tt.status || h.length != tt.length || h.chunked != tt.chunked || h.close != tt.close:
					t.Fatalf("got %+v, want %+v", h, tt)
				}
			}
		})
	}
}

func TestAnswerBody(t *testing.T) {
	tests := []struct {
		name   string
		head   answerHead
		method string
		in     string
		want   string
		err    error
		whole  bool
		behind string // what is left on the connection
	}{
		{"by length", answerHead{status: 200, length: 3}, "GET", "abcdef", "abc", nil, true, "def"},
		{"length zero", answerHead{status: 200, length: 0}, "GET", "x", "", nil, true, "x"},
		{"shorter than announced", answerHead{status: 200, length: 5}, "GET", "abc", "abc", io.ErrUnexpectedEOF, false, ""},
		{"chunked", answerHead{status: 200, length: -1, chunked: true}, "GET", "3\r\nabc\r\n0\r\n\r\nx", "abc", nil, true, "x"},
		{"chunked with a trailer", answerHead{status: 200, length: -1, chunked: true}, "GET", "3\r\nabc\r\n0\r\nA: b\r\n\r\nx", "abc", nil, true, "x"},
		{"chunked and cut", answerHead{status: 200, length: -1, chunked: true}, "GET", "3\r\nabc\r\n", "abc", io.ErrUnexpectedEOF, false, ""},
		{"chunked and cut in the trailer", answerHead{status: 200, length: -1, chunked: true}, "GET", "3\r\nabc\r\n0\r\n", "abc", io.ErrUnexpectedEOF, false, ""},
		{"until it closes", answerHead{status: 200, length: -1, close: true}, "GET", "abc", "abc", nil, true, ""},
		{"HEAD has none", answerHead{status: 200, length: 9}, "HEAD", "x", "", nil, true, "x"},
		{"304 has none", answerHead{status: 304, length: 9}, "GET", "x", "", nil, true, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			br := bufio.NewReader(strings.NewReader(tt.in))
			body := newAnswerBody(br, &tt.head, tt.method)
			got, err := io.ReadAll(body)
			if string(got) != tt.want || !errors.Is(err, tt.err) || body.whole != tt.whole {
				t.Errorf("got %q, %v, whole %v; want %q, %v, whole %v", got, err, body.whole, tt.want, tt.err, tt.whole)
			}
			if tt.err == nil {
				if left, _ := io.ReadAll(br); string(left) != tt.behind {
					t.Errorf("%q is left behind it, want %q", left, tt.behind)
				}
			}
		})
	}
}

// FuzzReadAnswerHead asks that any split of the input gives the same head.
func FuzzReadAnswerHead(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	f.Add("HTTP/1.0 200\nTransfer-Encoding: chunked\n\n")
	f.Add("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		whole, wholeErr := readAnswerHead(bufio.NewReader(strings.NewReader(in)))
		split, splitErr := readAnswerHead(bufio.NewReader(iotest.OneByteReader(strings.NewReader(in))))
		if (wholeErr == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, byte by byte: %v", wholeErr, splitErr)
		}
		if wholeErr != nil {
			return
		}
		if whole.status != split.status || whole.length != split.length || whole.chunked != split.chunked || len(whole.fields) != len(split.fields) {
			t.Fatalf("whole: %+v, byte by byte: %+v", whole, split)
		}
		if whole.chunked && whole.length >= 0 {
			t.Fatal("two framings passed")
		}
		for _, field := range whole.fields {
			if strings.ContainsAny(field.Name+field.Value, "\r\n\x00") {
				t.Fatalf("a control byte passed in %q", field)
			}
		}
	})
}
