package importer

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Backend is an application that says what it was sent.
type Backend struct {
	Listener net.Listener
	server   *http.Server
}

// NewBackend makes an application on a listener.
func NewBackend(l net.Listener) *Backend {
	return &Backend{Listener: l, server: &http.Server{Handler: http.HandlerFunc(echo), ReadHeaderTimeout: patience}}
}

// Run serves until Close.
func (b *Backend) Run() { _ = b.server.Serve(b.Listener) }

// Close ends it.
func (b *Backend) Close() { _ = b.server.Close() }

// echo answers with the request: line, fields in order of their names, and the
// length of its body. Some paths ask for more.
func echo(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	h := w.Header()
	h.Set("X-Backend", "yes")
	h.Set("X-Powered-By", "echo/1.0")
	h.Set("Content-Type", "text/plain")
	status := http.StatusOK
	what, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch what {
	case "status":
		status, _ = strconv.Atoi(rest)
	case "cookie":
		h.Add("Set-Cookie", "a=1; Path=/")
		h.Add("Set-Cookie", "b=2; Path=/")
	case "redirect":
		h.Set("Location", map[string]string{
			"absolute": "http://example.org/there", "relative": "/there", "upstream": "http://app/there",
		}[rest])
		status = http.StatusFound
	case "accel":
		h.Set("X-Accel-Redirect", "/protected/secret.txt")
	case "sleep":
		ms, _ := strconv.Atoi(rest)
		select {
		case <-time.After(time.Duration(ms) * time.Millisecond):
		case <-r.Context().Done():
		}
	case "big":
		h.Set("Content-Length", strconv.Itoa(1<<20))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.Repeat("y", 1<<20))
		return
	}
	w.WriteHeader(status)
	if status == http.StatusNoContent || status == http.StatusNotModified {
		return
	}
	fmt.Fprintf(w, "%s %s %s\nHost: %s\n", r.Method, r.RequestURI, r.Proto[:4], r.Host)
	var names []string
	for name := range r.Header {
		if name != "Connection" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s: %s\n", name, strings.Join(r.Header[name], " | "))
	}
	fmt.Fprintf(w, "body: %d\n", n)
}
