package http1

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/header"
)

// fuzzLimits are small, so that a fuzzer reaches them.
var fuzzLimits = Limits{RequestLine: 120, Head: 400, Fields: 12}

// fuzzLongest keeps an input from being parsed a hundred thousand times.
const fuzzLongest = 1000

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(browserHead))
	f.Add([]byte(post("Content-Length: 5", "Expect: 100-continue") + "hello"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		if len(wire) > fuzzLongest {
			return
		}
		p := parseRequest(&fuzzLimits)
		n, whole := p(wire)
		checkPrefixes(t, "request", wire, n, whole, p)
		if n == 0 {
			return
		}
		if HeadEnd(wire) != n {
			t.Errorf("%q: HeadEnd is %d, parsed %d", wire, HeadEnd(wire), n)
		}
		var r, again Request
		_, _ = r.Parse(wire, &fuzzLimits)
		out := AppendFields(AppendRequestLine(nil, r.Method, r.Target), r.Fields)
		isHost := func(f header.Field) bool { return equalFold(f.Name, "host") }
		if r.Minor == 0 && !slices.ContainsFunc(r.Fields, isHost) {
			r.Host = cmp.Or(r.Host, "h")
			r.Fields = append(r.Fields, header.Field{Name: "Host", Value: r.Host})
			out = AppendFields(out, r.Fields[len(r.Fields)-1:])
		}
		out = append(out, EndOfHead...)
		lim := DefaultLimits()
		if m, err := again.Parse(out, &lim); m != len(out) || err != nil {
			t.Fatalf("%q, written anew as %q: got %d, %v", wire, out, m, err)
		}
		if r.Method != again.Method || r.Target != again.Target || r.Host != again.Host ||
			r.Body != again.Body || !slices.Equal(r.Fields, again.Fields) {
			t.Errorf("%q: got %+v, written anew %+v", wire, r, again)
		}
		sameAsLibrary(t, wire, &r)
	})
}

// sameAsLibrary asserts that another reader that takes the request sees the
// same one: the same host, and a body of the same length.
func sameAsLibrary(t *testing.T, wire []byte, r *Request) {
	t.Helper()
	theirs, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return
	}
	length := max(r.Body.Length, 0)
	if r.Body.Kind == Chunked {
		length = -1
	}
	if theirs.Method != r.Method || theirs.ContentLength != length || theirs.Host != "" && !strings.EqualFold(theirs.Host, r.Host) {
		t.Errorf("%q: got %+v, net/http has %s of %s with %d octets", wire, r, theirs.Method, theirs.Host, theirs.ContentLength)
	}
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte(answer("Content-Length: 5")+"hello"), false)
	f.Add([]byte("HTTP/1.0 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), true)
	f.Fuzz(func(t *testing.T, wire []byte, toHead bool) {
		if len(wire) > fuzzLongest {
			return
		}
		p := parseResponse(toHead, &fuzzLimits)
		n, whole := p(wire)
		checkPrefixes(t, "answer", wire, n, whole, p)
		if n == 0 {
			return
		}
		var r, again Response
		_, _ = r.Parse(wire, toHead, &fuzzLimits)
		out := append(AppendFields(AppendStatusLine(nil, r.Status), r.Fields), EndOfHead...)
		lim := DefaultLimits()
		if m, err := again.Parse(out, toHead, &lim); m != len(out) || err != nil {
			t.Fatalf("%q, written anew as %q: got %d, %v", wire, out, m, err)
		}
		if r.Status != again.Status || r.Body != again.Body || !slices.Equal(r.Fields, again.Fields) {
			t.Errorf("%q: got %+v, written anew %+v", wire, r, again)
		}
	})
}

func FuzzChunked(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\nA: b\r\n\r\nGET"), []byte{3, 1, 4})
	f.Fuzz(func(t *testing.T, wire, cutAt []byte) {
		if len(wire) > fuzzLongest {
			return
		}
		whole := readChunks(wire)
		pieces := make([]int, len(cutAt))
		for i, c := range cutAt {
			pieces[i] = int(c)
		}
		if cut := readChunks(wire, pieces...); cut != whole {
			t.Errorf("%q in pieces of %v: got %q, want %q", wire, pieces, cut, whole)
		}
		if bytewise := readChunks(wire, slices.Repeat([]int{1}, len(wire))...); bytewise != whole {
			t.Errorf("%q byte by byte: got %q, want %q", wire, bytewise, whole)
		}
		var c ChunkReader
		data, used, done, err := c.Next(slices.Clone(wire))
		if err != nil || !done {
			return
		}
		var out []byte
		for i := range data {
			out = append(append(AppendChunkHead(out, 1), data[i]), ChunkTail...)
		}
		if again, want := readChunks(append(out, LastChunk...)), string(data)+", then "; again != want {
			t.Errorf("%q, written anew: got %q, want %q", wire, again, want)
		}
		theirs, refused := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(wire[:used])))
		if refused == nil && !bytes.Equal(theirs, data) {
			t.Errorf("%q: got %q, net/http has %q", wire, data, theirs)
		}
	})
}
