package http1

import (
	"strings"
	"testing"
)

// browserHead is what a browser sends for a page: 330 octets.
const browserHead = "GET /shop/items?page=2 HTTP/1.1\r\n" +
	"Host: shop.example\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
	"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br\r\n" +
	"Connection: keep-alive\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef\r\n\r\n"

// appHead is what a Python application answers with.
const appHead = "HTTP/1.1 200 OK\r\n" +
	"Server: TornadoServer/6.4\r\n" +
	"Content-Type: text/html; charset=UTF-8\r\n" +
	"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n" +
	"Etag: \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"\r\n" +
	"Content-Length: 1024\r\n\r\n"

func BenchmarkParseRequest(b *testing.B) {
	buf, lim := []byte(browserHead), DefaultLimits()
	var r Request
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := r.Parse(buf, &lim); n != len(buf) || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkParseResponse(b *testing.B) {
	buf, lim := []byte(appHead), DefaultLimits()
	var r Response
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := r.Parse(buf, false, &lim); n != len(buf) || err != nil {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkChunked decodes 64 KB in chunks of 4 KB, each of them copied into a
// buffer as a read would.
func BenchmarkChunked(b *testing.B) {
	chunk := string(AppendChunkHead(nil, 4096)) + strings.Repeat("x", 4096) + ChunkTail
	wire := []byte(strings.Repeat(chunk, 16) + LastChunk)
	buf := make([]byte, len(wire))
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for b.Loop() {
		copy(buf, wire)
		var c ChunkReader
		if data, _, done, err := c.Next(buf); len(data) != 16*4096 || !done || err != nil {
			b.Fatal(len(data), done, err)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	requests := [][]byte{
		[]byte(browserHead),
		[]byte(post("Content-Length: 5", "Expect: 100-continue", "Connection: x, close")),
		[]byte(request("GET http://h/a?b HTTP/1.1", "Transfer-Encoding: chunked")),
		[]byte("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8081\r\n\r\n"),
		[]byte("GET / HTTP/1.1\nHost: h\r\n\r\n"),
		[]byte(browserHead[:200]),
	}
	lim := DefaultLimits()
	var r Request
	var a Response
	answer := []byte(appHead)
	wire, buf, head := []byte("5\r\nhello\r\n1;a\r\n!\r\n0\r\nA: b\r\n\r\n"), make([]byte, 64), make([]byte, 0, 1024)
	round := func() {
		for _, buf := range requests {
			_, _ = r.Parse(buf, &lim)
		}
		_, _ = a.Parse(answer, false, &lim)
		head = AppendFields(AppendRequestLine(head[:0], r.Method, r.Target), r.Fields)
		head = AppendContentLength(AppendStatusLine(head, a.Status), a.Body.Length)
		head = AppendChunkHead(head, 500)
		var c ChunkReader
		_, _, _, _ = c.Next(buf[:copy(buf, wire)])
		cycle := Cycle{}
		_ = cycle.On(RequestHead) && cycle.Reusable(Client)
	}
	round() // the slices grow once
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}
