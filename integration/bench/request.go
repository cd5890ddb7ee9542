package main

import (
	"fmt"
	"strings"

	"github.com/webstack/webstack/integration/bench/backend"
)

// header is a browser's: with the line and Host, some 330 bytes.
var header = [][2]string{
	{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
	{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
	{"Accept-Language", "en-US,en;q=0.5"},
	{"Accept-Encoding", "gzip, deflate"},
	{"Cookie", "session=4f0c9d2e7b1a48f6a3; theme=light"},
	{"Cache-Control", "no-cache"},
}

// host is asked for.
const host = "bench.example"

// fields are all that the case's request carries.
func (c testCase) fields() [][2]string {
	fields := append([][2]string{{"Host", host}}, header...)
	if c.closing {
		fields = append(fields, [2]string{"Connection", "close"})
	}
	if c.post > 0 {
		fields = append(fields, [2]string{"Content-Type", "application/octet-stream"}, [2]string{"Content-Length", fmt.Sprint(c.post)})
	}
	return fields
}

func (c testCase) method() string {
	if c.post > 0 {
		return "POST"
	}
	return "GET"
}

// wire is the case's request as it goes over the wire.
func (c testCase) wire() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", c.method(), c.path)
	for _, f := range c.fields() {
		fmt.Fprintf(&b, "%s: %s\r\n", f[0], f[1])
	}
	b.WriteString("\r\n")
	b.Write(backend.Body(c.post))
	return []byte(b.String())
}

// want is the body that answers it.
func (c testCase) want() []byte {
	if c.post > 0 {
		return []byte(fmt.Sprint(c.post))
	}
	return backend.Body(c.body)
}
