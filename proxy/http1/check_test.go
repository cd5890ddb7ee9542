package http1

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/header"
)

// tail is what a client sends ahead: the next request.
const tail = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n"

// wireCase is one case: what is on the wire, and in a sentence what becomes
// of it.
type wireCase struct{ about, wire, want string }

// get is a request with some field lines behind Host.
func get(lines ...string) string { return request("GET / HTTP/1.1", lines...) }

// post is the same with another method.
func post(lines ...string) string { return request("POST / HTTP/1.1", lines...) }

func request(line string, lines ...string) string {
	return line + "\r\nHost: h\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// answer is a 200 with some field lines.
func answer(lines ...string) string {
	return "HTTP/1.1 200 OK\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// parse gives what a parser says of a prefix.
type parse func(prefix []byte) (n int, sentence string)

// parseRequest tells of a request: "GET / of h, no body, kept alive".
func parseRequest(lim *Limits) parse {
	return func(prefix []byte) (int, string) {
		r := &Request{Fields: []header.Field{{Name: "left", Value: "over"}}}
		n, err := r.Parse(prefix, lim)
		switch {
		case err != nil:
			return n, refusal(err)
		case n == 0:
			return 0, "more"
		}
		return n, tellRequest(r)
	}
}

func tellRequest(r *Request) string {
	parts := []string{fmt.Sprintf("%s %s of %s", r.Method, r.Target, orNone(r.Host)), tellBody(r.Body)}
	if r.Minor == 0 {
		parts = append(parts, "HTTP/1.0")
	}
	if r.Expect100 {
		parts = append(parts, "expects 100")
	}
	return strings.Join(append(parts, tellClose(r.KeepAlive)), ", ")
}

// parseResponse tells of an answer: "200 OK, 5 octets, kept alive".
func parseResponse(toHead bool, lim *Limits) parse {
	return func(prefix []byte) (int, string) {
		var r Response
		n, err := r.Parse(prefix, toHead, lim)
		switch {
		case err != nil:
			return n, refusal(err)
		case n == 0:
			return 0, "more"
		}
		return n, tellResponse(&r)
	}
}

func tellResponse(r *Response) string {
	parts := []string{strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, r.Reason)), tellBody(r.Body)}
	if r.Minor == 0 {
		parts = append(parts, "HTTP/1.0")
	}
	return strings.Join(append(parts, tellClose(r.KeepAlive)), ", ")
}

func refusal(err *Error) string { return fmt.Sprintf("%d %s", err.Status, err.Reason) }

func tellBody(b Body) string {
	switch {
	case b.Kind == Chunked:
		return "chunked"
	case b.Kind == UntilClose:
		return "until the close"
	case b.Kind == Sized:
		return fmt.Sprintf("%d octets", b.Length)
	case b.Length >= 0:
		return fmt.Sprintf("no body but the length %d", b.Length)
	}
	return "no body"
}

func tellClose(keepAlive bool) string {
	if keepAlive {
		return "kept alive"
	}
	return "closes"
}

func orNone(s string) string {
	if s == "" {
		return "nobody"
	}
	return s
}

// checkRequests checks cases with the default limits.
func checkRequests(t *testing.T, cases []wireCase) {
	t.Helper()
	lim := DefaultLimits()
	for _, tt := range cases {
		checkParse(t, tt, parseRequest(&lim))
	}
}

func checkResponses(t *testing.T, cases []wireCase) {
	t.Helper()
	lim := DefaultLimits()
	for _, tt := range cases {
		checkParse(t, tt, parseResponse(false, &lim))
	}
}

// checkParse runs a case three ways: whole, byte by byte, and with the next
// message behind it. The want of a refusal may be cut short.
func checkParse(t *testing.T, tt wireCase, p parse) {
	t.Helper()
	n, got := p([]byte(tt.wire))
	if !meets(got, tt.want) {
		t.Errorf("%s: got %q, want %q", tt.about, got, tt.want)
		return
	}
	checkPrefixes(t, tt.about, []byte(tt.wire), n, got, p)
	if got == "more" {
		return
	}
	if nt, gott := p([]byte(tt.wire + tail)); nt != n || gott != got {
		t.Errorf("%s: with another behind it: got %d, %q, want %d, %q", tt.about, nt, gott, n, got)
	}
}

// meets compares a sentence with the one that is wanted; a want that is only
// its first words leaves the rest open.
func meets(got, want string) bool {
	return got == want || strings.HasPrefix(got, want+" ")
}

// checkPrefixes asserts that wire comes out the same however it is cut: every
// prefix needs more until one is enough, and from there on the answer stays.
func checkPrefixes(t testing.TB, about string, wire []byte, n int, whole string, p parse) {
	t.Helper()
	settled := whole == "more"
	for _, k := range cuts(len(wire), n) {
		nk, got := p(slices.Clone(wire[:k]))
		if got == "more" && !settled && k < max(n, len(wire)) || got == whole && nk == n && k >= n {
			settled = settled || got == whole
			continue
		}
		t.Errorf("%s: the first %d octets of %q: got %d, %q; the whole gives %d, %q", about, k, wire, nk, got, n, whole)
		return
	}
}

// cuts are the lengths at which a wire is looked at: all, or for a long one
// those at its ends and around its end, and some between.
func cuts(length, n int) []int {
	step := 1
	if length > 2000 {
		step = length/50 + 1
	}
	var at []int
	for k := 0; k <= length; k++ {
		near := k < 32 || k > length-32 || n > 0 && k > n-32 && k < n+32
		if near || k%step == 0 {
			at = append(at, k)
		}
	}
	return at
}
