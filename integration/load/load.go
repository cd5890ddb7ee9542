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
	// Attentive clients see that the server has closed a kept connection and
	// use another: "Client and server implementations SHOULD constantly monitor
	// open connections for a received closure signal" (RFC 9112, section 9.5).
	// What is closed while the request is on its way stays a failure.
	Attentive bool
	// Requests ends the load after so many; 0 is without end.
	Requests int
	// Pause is what a worker waits between two requests.
	Pause time.Duration
	// Timeout bounds one request from connect to the body's end.
	Timeout time.Duration
	// WantStatus is the one status that is a success; default 200.
	WantStatus int
	// Rate is how many requests begin each second, of all workers together; 0
	// is as many as they can. A load that fell behind makes up for it.
	Rate float64
	// Next makes the next request, where they are not all the same; URL is then
	// only where to connect to. It is called by many workers at once.
	Next func() Request
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
	same    *sent // every request, where there is no Options.Next

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
	for number := range l.opts.Workers {
		l.workers.Go(func() { l.work(ctx, l.pace(number)) })
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
	same, err := Request{HTTP: request}.encode()
	if err != nil {
		return nil, err
	}
	port := target.Port()
	if port == "" {
		port = "80"
	}
	return &Load{
		opts: opts, same: same,
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
func (l *Load) work(ctx context.Context, wait func(context.Context)) {
	w := worker{load: l}
	defer w.hangUp()
	for {
		wait(ctx)
		if ctx.Err() != nil {
			return
		}
		if most := int64(l.opts.Requests); most > 0 && l.begun.Add(1) > most {
			return
		}
		request, err := l.next()
		if err != nil {
			l.tally.add(time.Now(), time.Now(), answer{}, err)
			return
		}
		began := time.Now()
		got, err := w.exchange(request, began.Add(l.opts.Timeout))
		ended := time.Now()
		l.tally.add(began, ended, got, err)
		request.tell(began, ended, got, err)
	}
}

func (l *Load) next() (*sent, error) {
	if l.opts.Next == nil {
		return l.same, nil
	}
	return l.opts.Next().encode()
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
	begun   bool // a byte of it came
}

// exchange makes one request and reads its whole answer.
func (w *worker) exchange(request *sent, deadline time.Time) (answer, error) {
	if w.load.opts.NewConnection || w.load.opts.Attentive && w.conn != nil && w.conn.closed() {
		w.hangUp()
	}
	reused := w.conn != nil
	got, err := w.attempt(request, deadline)
	if err == nil || !reused {
		return got, err
	}
	var silent *silentEnd
	if !errors.As(err, &silent) || !idempotent(request.method) {
		return got, err
	}
	got, err = w.attempt(request, deadline)
	got.repeats = 1
	return got, err
}

// attempt uses the worker's connection, or a new one.
func (w *worker) attempt(request *sent, deadline time.Time) (answer, error) {
	if w.conn == nil {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		raw, err := w.load.opts.Dial(ctx, "tcp", w.load.address)
		if err != nil {
			return answer{}, err
		}
		w.conn = newConnection(raw)
	}
	before := w.conn.received
	head, body, err := w.conn.ask(request.wire, request.method, deadline)
	got := answer{begun: w.conn.received > before}
	if err != nil {
		w.hangUp()
		return got, err
	}
	if w.load.opts.NewConnection || head.Close {
		w.hangUp()
	}
	if head.StatusCode != w.load.opts.WantStatus {
		return got, &wrongStatus{head.StatusCode}
	}
	if request.Right != nil {
		if err := request.Right(head.Header, body); err != nil {
			return got, &malformed{err}
		}
	}
	got.who = w.load.opts.Who(head.Header, body)
	return got, nil
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
