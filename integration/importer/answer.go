package importer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience bounds each wait of the comparison.
const patience = time.Minute

// Answer is what one side gave to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Ask sends a request to a port of this machine, with its target as it is
// written, and reads the whole answer.
func Ask(r Request, port int) (*Answer, error) {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, r.Target)
	host := fmt.Sprintf("localhost:%d", r.Port)
	for _, h := range r.Header {
		if h[0] == "Host" {
			host = h[1]
			continue
		}
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(&b, "Host: %s\r\nConnection: close\r\n", host)
	if r.Body > 0 {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", r.Body)
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(conn, b.String()); err != nil {
		return nil, err
	}
	// A body that is refused may never be read: what matters is the answer.
	go func() { _, _ = io.WriteString(conn, strings.Repeat("x", r.Body)) }()
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.Method})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer's body is cut: %w", err)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, nil
}
