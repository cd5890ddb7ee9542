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
	// maxRequest bounds a request's body: the name of an instance fits.
	maxRequest = 4 << 10
	// requestTimeout bounds a request's arrival, answerTimeout its whole,
	// a reload included.
	requestTimeout = 5 * time.Second
	answerTimeout  = 60 * time.Second
)

// Backend is what the API acts on.
type Backend interface {
	Status() Status
	// Reload returns the generation that is served afterwards, and why
	// nothing was changed.
	Reload() (generation int, err error)
	// Drain fails where no upstream has the instance.
	Drain(instance string, on bool) error
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
}

// NewServer makes a server that acts on backend for whom access allows.
func NewServer(backend Backend, access Access, log *slog.Logger) *Server {
	return &Server{backend: backend, access: access, log: log}
}

// Run answers on l until ctx is done, and closes it.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:        s,
		ReadTimeout:    requestTimeout,
		WriteTimeout:   answerTimeout,
		IdleTimeout:    requestTimeout,
		MaxHeaderBytes: maxRequest,
		ConnContext:    withPeer,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() { hs.Close() })
	defer stop()
	if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
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
	method, handle := s.endpoint(r.URL.Path)
	switch {
	case handle == nil:
		refuse(w, http.StatusNotFound, fmt.Sprintf("no such path %q", r.URL.Path))
	case r.Method != method:
		w.Header().Set("Allow", method)
		refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s takes %s only", r.URL.Path, method))
	default:
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		handle(w, r)
	}
}

// endpoint is the table of the API.
func (s *Server) endpoint(path string) (method string, handle http.HandlerFunc) {
	switch path {
	case "/v1/status":
		return http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, s.backend.Status())
		}
	case "/v1/reload":
		return http.MethodPost, s.reload
	case "/v1/drain":
		return http.MethodPost, func(w http.ResponseWriter, r *http.Request) { s.drain(w, r, true) }
	case "/v1/undrain":
		return http.MethodPost, func(w http.ResponseWriter, r *http.Request) { s.drain(w, r, false) }
	}
	return "", nil
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

func (s *Server) drain(w http.ResponseWriter, r *http.Request, on bool) {
	var d DrainRequest
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("cannot read the request: %v", err))
		return
	}
	if _, err := dec.Token(); err != io.EOF {
		refuse(w, http.StatusBadRequest, "cannot read the request: something follows its document")
		return
	}
	if err := s.backend.Drain(d.Instance, on); err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	answer(w, http.StatusOK, s.backend.Status())
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
