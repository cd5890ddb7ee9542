package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// maxRequest bounds the body of a request that names one thing, and every
	// head; maxLarge that of one with a page, or with reports of all
	// instances. JSON may need six octets for one of a page.
	maxRequest = 4 << 10
	maxLarge   = 1 << 20
	// requestTimeout bounds a request's arrival, answerTimeout its whole,
	// a reload included.
	requestTimeout = 5 * time.Second
	answerTimeout  = 60 * time.Second
	// maxConnections bounds who is served at a time, half of them subscribers:
	// the proxy keeps few descriptors for itself. Others wait for their turn,
	// as the gates of hundreds of instances do that are stopped together: each
	// request is over within arrival, and nearly always at once.
	maxConnections = 2 * maxSubscribers
)

// Backend is what the API acts on. What it is given has been checked as far as
// that goes without knowing the config. Its errors are sentences: *[Unknown]
// where nothing has the name, [ErrStopping], or why it cannot be done.
type Backend interface {
	Status() Status
	// Reload returns the generation that is served afterwards, and why
	// nothing was changed.
	Reload() (generation int, err error)
	Drain(DrainRequest) error
	Undrain(DrainRequest) error
	// Report returns how many instances no upstream has.
	Report(ReportRequest) (unknown int, err error)
	Pause(PauseRequest) error
	Resume(PauseRequest) error
	Maintain(MaintenanceRequest) error
	// Subscribe begins with the present state.
	Subscribe() (*Subscriber, error)
}

// Problem is the answer to a request that was not carried out.
type Problem struct {
	Version int    `json:"version"`
	Error   string `json:"error"`
}

// Server answers the API.
type Server struct {
	backend Backend
	access  Access
	log     *slog.Logger
	// heartbeat and arrival are the constants, but in tests.
	heartbeat, arrival time.Duration
}

// NewServer makes a server that acts on backend for whom access allows.
func NewServer(backend Backend, access Access, log *slog.Logger) *Server {
	return &Server{backend: backend, access: access, log: log, heartbeat: heartbeat, arrival: requestTimeout}
}

// Run answers on l until ctx is done, and closes it.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	bounded := newBoundedListener(l, maxConnections)
	hs := &http.Server{
		Handler:        s,
		ReadTimeout:    s.arrival,
		WriteTimeout:   answerTimeout,
		IdleTimeout:    s.arrival,
		MaxHeaderBytes: maxRequest,
		ConnContext:    withPeer,
		ConnState:      bounded.ended,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() { hs.Close() })
	defer stop()
	if err := hs.Serve(bounded); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve the control socket: %w", err)
	}
	return nil
}

// peerKey is where a request's context holds its peer, or why it is unknown.
type peerKey struct{}

type identified struct {
	peer
	err error
}

func withPeer(ctx context.Context, c net.Conn) context.Context {
	id := identified{err: errors.New("not a unix socket")}
	if uc, ok := c.(*net.UnixConn); ok {
		id.peer, id.err = peerOf(uc)
	}
	return context.WithValue(ctx, peerKey{}, id)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, ok := r.Context().Value(peerKey{}).(identified)
	if !ok || id.err != nil || !s.access.allows(id.peer) {
		s.log.Warn("a control request was refused", "uid", id.uid, "path", r.URL.Path)
		refuse(w, http.StatusForbidden, "only root and the admin group may do this")
		return
	}
	e := s.endpoint(r.URL.Path)
	switch {
	case e.serve == nil:
		refuse(w, http.StatusNotFound, fmt.Sprintf("no such path %q", brief(r.URL.Path)))
	case r.Method != e.method:
		w.Header().Set("Allow", e.method)
		refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s takes %s only", r.URL.Path, e.method))
	default:
		r.Body = http.MaxBytesReader(w, r.Body, e.limit)
		e.serve(w, r)
	}
}

// endpoint is one path: its method, how long a body it takes, what answers.
type endpoint struct {
	method string
	limit  int64
	serve  http.HandlerFunc
}

// endpoint is the table of the API.
func (s *Server) endpoint(path string) endpoint {
	switch path {
	case "/v1/status":
		return endpoint{http.MethodGet, 0, s.status}
	case "/v1/events":
		return endpoint{http.MethodGet, 0, s.events}
	case "/v1/reload":
		return endpoint{http.MethodPost, 0, s.reload}
	case "/v1/drain":
		return endpoint{http.MethodPost, maxRequest, change(s, s.drain)}
	case "/v1/undrain":
		return endpoint{http.MethodPost, maxRequest, change(s, plain(s.backend.Undrain))}
	case "/v1/pause":
		return endpoint{http.MethodPost, maxRequest, change(s, plain(s.backend.Pause))}
	case "/v1/resume":
		return endpoint{http.MethodPost, maxRequest, change(s, plain(s.backend.Resume))}
	case "/v1/maintenance":
		return endpoint{http.MethodPost, maxLarge, change(s, plain(s.backend.Maintain))}
	case "/v1/report":
		return endpoint{http.MethodPost, maxLarge, s.report}
	}
	return endpoint{}
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	st := s.backend.Status()
	if id := r.URL.Query().Get("instance"); id != "" {
		st = st.only(id)
	}
	answer(w, http.StatusOK, st)
}

func (s *Server) reload(w http.ResponseWriter, _ *http.Request) {
	generation, err := s.backend.Reload()
	result := ReloadResult{Version: Version, Generation: generation}
	status := http.StatusOK
	if err != nil {
		result.Error = err.Error()
		status = http.StatusUnprocessableEntity
	}
	answer(w, status, result)
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	var request ReportRequest
	if err := decode(r.Body, &request); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	for i := range request.Reports {
		request.Reports[i].Reason = legible(request.Reports[i].Reason)
	}
	request.Sent = sentAt(r.Header)
	unknown, err := s.backend.Report(request)
	if err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	answer(w, http.StatusOK, ReportResult{Version: Version, Unknown: unknown})
}

// drain says who asks where the request does not.
func (s *Server) drain(r *http.Request, d DrainRequest) error {
	if d.By == "" {
		id, _ := r.Context().Value(peerKey{}).(identified)
		d.By = fmt.Sprintf("uid %d", id.uid)
	}
	return s.backend.Drain(d)
}

// plain is an act that does not ask who wants it.
func plain[D document](act func(D) error) func(*http.Request, D) error {
	return func(_ *http.Request, d D) error { return act(d) }
}

// change reads a document and acts on it. The answer is how the proxy is then.
func change[D document](s *Server, act func(*http.Request, D) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var d D
		if err := decode(r.Body, &d); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		if err := act(r, d); err != nil {
			refuse(w, statusOf(err), err.Error())
			return
		}
		answer(w, http.StatusOK, s.backend.Status())
	}
}

// decode reads the one document that a body is, and checks it.
func decode[D document](body io.Reader, d *D) error {
	dec := json.NewDecoder(body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(d); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("cannot read the request: something follows its document")
	}
	if err := (*d).Check(); err != nil {
		return fmt.Errorf("cannot take the request: %w", err)
	}
	return nil
}

// statusOf is the status of an answer that says err.
func statusOf(err error) int {
	var unknown *Unknown
	switch {
	case errors.As(err, &unknown):
		return http.StatusNotFound
	case errors.Is(err, ErrStopping), errors.Is(err, ErrBusy):
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}

func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, Problem{Version: Version, Error: reason})
}

func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Who went away does not read it.
	_ = json.NewEncoder(w).Encode(document)
}
