package http1

import (
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
