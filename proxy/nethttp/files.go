package nethttp

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// files answers with a file, or with why not.
func (x *exchange) files() {
	rt := x.route
	name, answer, ok := static.Locate(rt.Kind, rt.Path, x.r.Method, x.vars.Path)
	if !ok {
		x.sendFile(nil, &answer)
		return
	}
	opened, err := rt.Files.Root.Open(name)
	if err != nil {
		x.cannotOpen(name, err)
		return
	}
	f := opened.OSFile(name)
	defer func() { f.Close() }()
	answer = x.decide(name, opened)
	if answer.Index {
		opened, err = rt.Files.Root.Open(name + rt.Files.Options.Index)
		if err == nil {
			f.Close()
			f = opened.OSFile(name)
		}
		if err != nil || opened.Dir {
			answer = static.NoIndex()
		} else {
			answer = x.decide(name+rt.Files.Options.Index, opened)
		}
	}
	x.sendFile(f, &answer)
}

// decide asks what to answer with an open file.
func (x *exchange) decide(name string, f open.File) static.Answer {
	file := static.Describe(name, f.Dir, f.Size, f.ModTime)
	return static.Decide(x.fileRequest(), &file, &x.route.Files.Options, time.Now(), nil)
}

func (x *exchange) fileRequest() *static.Request {
	return &static.Request{
		Method:            x.r.Method,
		Path:              x.vars.Path,
		Query:             x.vars.Query,
		IfMatch:           x.field("If-Match"),
		IfNoneMatch:       x.field("If-None-Match"),
		IfModifiedSince:   x.field("If-Modified-Since"),
		IfUnmodifiedSince: x.field("If-Unmodified-Since"),
		IfRange:           x.field("If-Range"),
		Range:             x.field("Range"),
	}
}

// cannotOpen answers for a file that could not be opened.
func (x *exchange) cannotOpen(name string, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, open.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, open.ErrForbidden):
		status = http.StatusForbidden
	case errors.Is(err, open.ErrBusy):
		status = http.StatusServiceUnavailable
	}
	if status >= http.StatusInternalServerError {
		x.s.log.Warn("cannot open a file", "site", x.route.Site.Name, "file", name, "error", err)
	}
	x.fail(status, "")
}

// sendFile sends what was decided; f is nil where the answer has no body of a
// file.
func (x *exchange) sendFile(f *os.File, a *static.Answer) {
	if a.Status >= http.StatusBadRequest {
		x.put(a.Fields)
		x.fail(a.Status, "")
		return
	}
	x.ruled(a.Fields...)
	if a.Status == http.StatusOK || a.Status == http.StatusPartialContent {
		x.head().Set("Content-Length", strconv.FormatInt(a.Length, 10))
	} else if a.Status != http.StatusNotModified {
		x.head().Set("Content-Length", "0")
	}
	x.begin(a.Status)
	if !a.SendBody || f == nil {
		return
	}
	parts := a.Parts
	if len(parts) == 0 {
		parts = []static.Part{{Offset: a.Offset, Length: a.Length}}
	}
	for _, p := range parts {
		if err := x.sendPart(f, p); err != nil {
			x.abandon()
		}
	}
	_, _ = io.WriteString(x.w, a.Tail)
}

// sendPart sends one piece of a file. One that became shorter since it was
// announced is an error: the answer cannot be completed.
func (x *exchange) sendPart(f *os.File, p static.Part) error {
	if _, err := io.WriteString(x.w, p.Head); err != nil {
		return err
	}
	if _, err := f.Seek(p.Offset, io.SeekStart); err != nil {
		return err
	}
	_, err := io.CopyN(x.w, f, p.Length)
	return err
}
