package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultWorkers = 4
	// defaultTimeout is longer than any restart that a test makes: a request
	// that takes it has been forgotten.
	defaultTimeout = 15 * time.Second
)

// Options describe a load.
type Options struct {
	URL    string
	Method string // default GET
	Header http.Header
	Body   []byte
	// Workers is how many requests are under way at once; default 4.
	Workers int
	// NewConnection uses one connection for each request, without any repeat.
	NewConnection bool
	// Requests ends the load after so many; 0 is without end.
	Requests int
	// Pause is what a worker waits between two requests.
	Pause time.Duration
	// Timeout bounds one request from connect to the body's end.
	Timeout time.Duration
	// WantStatus is the one status that is a success; default 200.
	WantStatus int
	// Dial connects to the URL's host and port; default net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Who names the server of an answer, for Report.Answered; default the
	// X-Instance header.
	Who func(header http.Header, body []byte) string
}

// Load is running workers.
type Load struct {
	opts    Options
	address string
	request []byte // as it goes over the wire

	stop    context.CancelFunc
	workers sync.WaitGroup
	begun   atomic.Int64
	tally   tally
}

// Start sets the workers to work. They end with ctx or Stop; requests under
// way are finished in either case.
func Start(ctx context.Context, opts Options) (*Load, error) {
	l, err := prepare(opts)
	if err != nil {
		return nil, fmt.Errorf("cannot start a load: %w", err)
	}
	ctx, l.stop = context.WithCancel(ctx)
	l.tally.began = time.Now()
	for range l.opts.Workers {
		l.workers.Go(func() { l.work(ctx) })
	}
	return l, nil
}

func prepare(opts Options) (*Load, error) {
	target, err := url.Parse(opts.URL)
	if err != nil {
		return nil, err
	}
	if target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("%q is not an http URL", opts.URL)
	}
	if opts.Method == "" {
		opts.Method = http.MethodGet
	}
	if opts.Workers <= 0 {
		opts.Workers = defaultWorkers
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.WantStatus == 0 {
		opts.WantStatus = http.StatusOK
	}
	if opts.Dial == nil {
		opts.Dial = new(net.Dialer).DialContext
	}
	if opts.Who == nil {
		opts.Who = func(h http.Header, _ []byte) string { return h.Get("X-Instance") }
	}
	request, err := http.NewRequest(opts.Method, opts.URL, bytes.NewReader(opts.Body))
	if err != nil {
		return nil, err
	}
	for name, values := range opts.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if host := opts.Header.Get("Host"); host != "" {
		request.Host = host
	}
	request.Close = opts.NewConnection
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		return nil, err
	}
	port := target.Port()
	if port == "" {
		port = "80"
	}
	return &Load{
		opts: opts, request: wire.Bytes(),
		address: net.JoinHostPort(target.Hostname(), port),
	}, nil
}

// Wait waits for the last of Options.Requests and returns what came of them.
func (l *Load) Wait() Report {
	l.workers.Wait()
	return l.Report()
}

// Stop ends the load and returns what came of it.
func (l *Load) Stop() Report {
	l.stop()
	return l.Wait()
}

// Report is the count so far.
func (l *Load) Report() Report { return l.tally.report(time.Now()) }

// work makes one request after the other until ctx ends. Requests themselves
// do not end with it: each is an answer or a failure.
func (l *Load) work(ctx context.Context) {
	w := worker{load: l}
	defer w.hangUp()
	for ctx.Err() == nil {
		if most := int64(l.opts.Requests); most > 0 && l.begun.Add(1) > most {
			return
		}
		began := time.Now()
		got, err := w.exchange(began.Add(l.opts.Timeout))
		l.tally.add(began, time.Now(), got, err)
		if l.opts.Pause > 0 {
			select {
			case <-time.After(l.opts.Pause):
			case <-ctx.Done():
			}
		}
	}
}

// worker is one client with at most one connection.
type worker struct {
	load *Load
	conn *connection
}

// answer is what is kept of one exchange.
type answer struct {
	who     string
	repeats int
}

// exchange makes one request and reads its whole answer.
func (w *worker) exchange(deadline time.Time) (answer, error) {
	if w.load.opts.NewConnection {
		w.hangUp()
	}
	reused := w.conn != nil
	who, err := w.attempt(deadline)
	if err == nil || !reused {
		return answer{who: who}, err
	}
	var silent *silentEnd
	if !errors.As(err, &silent) || !idempotent(w.load.opts.Method) {
		return answer{}, err
	}
	who, err = w.attempt(deadline)
	return answer{who: who, repeats: 1}, err
}

// attempt uses the worker's connection, or a new one.
func (w *worker) attempt(deadline time.Time) (string, error) {
	if w.conn == nil {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		raw, err := w.load.opts.Dial(ctx, "tcp", w.load.address)
		if err != nil {
			return "", err
		}
		w.conn = newConnection(raw)
	}
	head, body, err := w.conn.ask(w.load.request, w.load.opts.Method, deadline)
	if err != nil {
		w.hangUp()
		return "", err
	}
	if w.load.opts.NewConnection || head.Close {
		w.hangUp()
	}
	if head.StatusCode != w.load.opts.WantStatus {
		return "", &wrongStatus{head.StatusCode}
	}
	return w.load.opts.Who(head.Header, body), nil
}

func (w *worker) hangUp() {
	if w.conn != nil {
		w.conn.raw.Close()
		w.conn = nil
	}
}

// idempotent methods may be repeated: RFC 9110, section 9.2.2.
func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}
