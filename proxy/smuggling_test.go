package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/webstack/webstack/proxy/config"
)

// strictReader is an application that takes nothing but what RFC 9112 has a
// careful sender write, and notes what it got. It shares no code with the
// proxy.
type strictReader struct {
	mu      sync.Mutex
	targets []string
	faults  []string
	open    atomic.Int64
}

var (
	requestLine = regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z-]+) (/[!-~]*) HTTP/1\.1$`)
	fieldLine   = regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z-]+): ([\t -~\x80-\xff]*)$`)
)

// serve is a script.
func (s *strictReader) serve(c net.Conn, br *bufio.Reader) {
	s.open.Add(1)
	defer s.open.Add(-1)
	for {
		target, err := s.request(br)
		if err == io.EOF {
			return
		}
		s.mu.Lock()
		switch {
		case err == io.ErrUnexpectedEOF:
			// The proxy gave it up, which is its right.
		case err != nil:
			s.faults = append(s.faults, err.Error())
		default:
			s.targets = append(s.targets, target)
		}
		s.mu.Unlock()
		if err != nil || !say(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") {
			return
		}
	}
}

// request reads one. io.EOF is the end between two, io.ErrUnexpectedEOF the
// end within one.
func (s *strictReader) request(br *bufio.Reader) (target string, err error) {
	line, err := strictLine(br)
	if err != nil {
		return "", err
	}
	m := requestLine.FindStringSubmatch(line)
	if m == nil {
		return "", fmt.Errorf("the request line %q", line)
	}
	seen := map[string]string{}
	for {
		line, err := strictLine(br)
		if err != nil {
			return "", within(err)
		}
		if line == "" {
			break
		}
		f := fieldLine.FindStringSubmatch(line)
		if f == nil {
			return "", fmt.Errorf("the field line %q", line)
		}
		switch name := strings.ToLower(f[1]); name {
		case "host", "content-length", "transfer-encoding", "expect", "upgrade", "http2-settings":
			if _, twice := seen[name]; twice {
				return "", fmt.Errorf("two of %s", name)
			}
			seen[name] = f[2]
		}
	}
	return m[2], within(strictBody(br, seen))
}

func strictBody(br *bufio.Reader, seen map[string]string) error {
	length, hasLength := seen["content-length"]
	coding, hasCoding := seen["transfer-encoding"]
	_, hasSettings := seen["http2-settings"]
	switch {
	case seen["host"] == "":
		return errors.New("no host")
	case hasSettings || seen["upgrade"] != "" && seen["upgrade"] != "websocket":
		return fmt.Errorf("the upgrade %q", seen["upgrade"])
	case hasLength && hasCoding:
		return errors.New("two framings")
	case hasLength:
		n, err := strconv.ParseUint(length, 10, 62)
		if err != nil {
			return fmt.Errorf("the length %q", length)
		}
		_, err = io.CopyN(io.Discard, br, int64(n))
		return err
	case hasCoding && coding != "chunked":
		return fmt.Errorf("the coding %q", coding)
	case !hasCoding:
		return nil
	}
	for {
		line, err := strictLine(br)
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(line, 16, 62)
		if err != nil {
			return fmt.Errorf("the chunk size %q", line)
		}
		if _, err := io.CopyN(io.Discard, br, int64(n)); err != nil {
			return err
		}
		if line, err := strictLine(br); line != "" || err != nil {
			return fmt.Errorf("%q, %w behind a chunk", line, err)
		}
		if n == 0 {
			return nil
		}
	}
}

// within is an end that comes too early.
func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// strictLine reads a line that ends with CRLF and has neither inside.
func strictLine(br *bufio.Reader) (string, error) {
	line, err := br.ReadString('\n')
	switch {
	case err != nil && line == "":
		return "", io.EOF
	case err != nil:
		return "", io.ErrUnexpectedEOF
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok || strings.ContainsAny(text, "\r\n\x00") {
		return "", fmt.Errorf("the line %q", line)
	}
	return text, nil
}

var statusLine = regexp.MustCompile(`HTTP/1\.1 (\d\d\d)`)

// TestF1ToF9NothingIsSmuggled: each attempt of the corpus is refused, with the
// end of its connection, or is as many well-framed requests as it seems to be.
func TestF1ToF9NothingIsSmuggled(t *testing.T) {
	corpus := smugglingCorpus()
	if len(corpus) < 150 {
		t.Errorf("the corpus has %d attempts", len(corpus))
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "there.txt"), []byte("here"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range corpus {
		t.Run(tt.name, func(t *testing.T) {
			var app strictReader
			c := baseConfig(newInstance(t, "app", app.serve))
			c.Sites[0].Routes = nil
			for _, path := range []string{"/a", "/b", "/smuggled"} {
				c.Sites[0].Routes = append(c.Sites[0].Routes, appRoute(path))
			}
			for _, r := range []config.Route{
				{Path: "/files", Files: &config.Files{Root: folder}},
				{Path: "/said", Respond: &config.Respond{Status: 200, Body: "said"}},
				{Path: "/moved", Redirect: &config.Redirect{Location: "/a", Status: 302}},
			} {
				r.Match, r.Retry, r.MaxBodyBytes = config.MatchPrefix, "error", 1<<20
				r.ResponseTimeout, r.IdleTimeout = seconds(60), seconds(60)
				c.Sites[0].Routes = append(c.Sites[0].Routes, r)
			}
			start(t, c).attack(&app, &tt, len(tt.raw))
			if len(tt.raw) < 500 {
				app.targets = nil
				start(t, c).attack(&app, &tt, 1)
			}
		})
	}
}

// attack makes one attempt, in pieces of so many octets.
func (w *world) attack(app *strictReader, tt *attempt, piece int) {
	w.t.Helper()
	c, br := w.raw("")
	go func() {
		for raw := tt.raw; raw != ""; raw = raw[min(piece, len(raw)):] {
			io.WriteString(c, raw[:min(piece, len(raw))])
		}
		if last := tt.answers[strings.LastIndexByte(tt.answers, ' ')+1:]; last < "400" {
			c.(*net.TCPConn).CloseWrite()
		}
	}()
	got, err := io.ReadAll(br)
	// Who goes on behind the end that was agreed on may see a reset.
	if err != nil && !(piece == 1 && errors.Is(err, syscall.ECONNRESET)) {
		w.t.Errorf("the answers end with %v", err)
	}
	var answers []string
	for _, m := range statusLine.FindAllSubmatch(got, -1) {
		answers = append(answers, string(m[1]))
	}
	// Whether a body that waits to be asked for was there already is chance.
	list := strings.TrimPrefix(strings.Join(answers, " "), "100 ")
	// A body that nobody wants may also end the connection, where it has not
	// come yet (F4).
	cut := piece == 1 && len(answers) == 1 && strings.HasPrefix(tt.answers, list)
	if list != tt.answers && !cut {
		w.t.Errorf("got the answers %q, want %q", list, tt.answers)
	}
	c.Close()
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	w.until("the application has seen the end", func() bool { return app.open.Load() == 0 })
	app.mu.Lock()
	defer app.mu.Unlock()
	reached := strings.Join(app.targets, " ")
	if len(app.faults) > 0 {
		w.t.Errorf("the application got %q", app.faults)
	}
	if reached != tt.reaches && !cut {
		w.t.Errorf("the application got %q, want %q", reached, tt.reaches)
	}
}
