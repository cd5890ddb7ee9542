package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// instanceHeader names the instance that answers, for the killer's history.
const instanceHeader = "X-Instance"

// serveInstance is the application: a process that is killed without warning.
func serveInstance(address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bytes", serveBytes)
	mux.HandleFunc("POST /sum", serveSum)
	mux.HandleFunc("GET /events", serveEvents)
	mux.HandleFunc("GET /late", serveLate)
	mux.HandleFunc("GET /tunnel", serveTunnel)
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	named := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(instanceHeader, address)
		mux.ServeHTTP(w, r)
	})
	return http.Serve(l, named) //nolint:gosec // no timeouts: it is killed
}

func number(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// serveBytes answers with a payload, with its length or in chunks.
func serveBytes(w http.ResponseWriter, r *http.Request) {
	n := number(r, "n")
	if r.URL.Query().Get("chunked") == "" {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	_, _ = io.Copy(w, payload(uint64(number(r, "seed")), n))
}

// serveSum answers with the length and the checksum of what was sent.
func serveSum(w http.ResponseWriter, r *http.Request) {
	h := sha256.New()
	n, err := io.Copy(h, r.Body)
	if err != nil {
		return // the connection is gone
	}
	fmt.Fprintf(w, "%d %s\n", n, hex.EncodeToString(h.Sum(nil)))
}

// eventPause lies between two events.
const eventPause = 20 * time.Millisecond

// serveEvents streams numbered events.
func serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	for i := range number(r, "n") {
		fmt.Fprintf(w, "id: %d\ndata: x\n\n", i)
		if control.Flush() != nil {
			return
		}
		select {
		case <-time.After(eventPause):
		case <-r.Context().Done():
			return
		}
	}
}

// serveLate takes its time before the first octet.
func serveLate(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(time.Duration(number(r, "ms")) * time.Millisecond):
	case <-r.Context().Done():
	}
	_, _ = io.WriteString(w, "late\n")
}

// serveTunnel says each message again.
func serveTunnel(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s: %s\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		instanceHeader, w.Header().Get(instanceHeader), acceptKey(r.Header.Get("Sec-WebSocket-Key")))
	in := bufio.NewReader(io.MultiReader(io.LimitReader(buffered, int64(buffered.Reader.Buffered())), conn))
	for {
		op, message, err := readFrame(in)
		if err != nil {
			return
		}
		if writeFrame(conn, op, 0, message) != nil || op == opClose {
			return
		}
	}
}
