package engine

import (
	"errors"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// source is an open file.
type source struct {
	fd   int
	open bool
	file open.File
}

func (s *source) release() {
	if s.open {
		_ = s.file.Close()
	}
	*s = source{}
}

// locate answers with a file, or with why not.
func (c *client) locate() verdict {
	x := c.x
	rt := x.route
	kind, path := rt.Kind, rt.Path
	name, a, ok := static.Locate(kind, path, x.method, x.vars.Path)
	if !ok {
		return c.fileRefused(&a)
	}
	opened, err := rt.Files.Root.Open(name)
	if err != nil {
		return c.cannotOpen(name, err)
	}
	a = c.decide(name, opened)
	if a.Index {
		_ = opened.Close()
		name += rt.Files.Options.Index
		opened, err = rt.Files.Root.Open(name)
		switch {
		case err != nil || opened.Dir:
			a = static.NoIndex()
		default:
			a = c.decide(name, opened)
		}
	}
	if err == nil {
		x.file.source = source{fd: opened.FD, open: true, file: opened}
	}
	return c.fileDecided(&a)
}

func (c *client) decide(name string, opened open.File) static.Answer {
	w, x := c.worker, c.x
	file := static.Describe(name, opened.Dir, opened.Size, opened.ModTime)
	r := static.Request{
		Method: x.method, Path: x.vars.Path, Query: x.vars.Query,
		IfMatch: x.find("if-match"), IfNoneMatch: x.find("if-none-match"),
		IfModifiedSince: x.find("if-modified-since"), IfUnmodifiedSince: x.find("if-unmodified-since"),
		IfRange: x.find("if-range"), Range: x.find("range"), AcceptEncoding: x.find("accept-encoding"),
	}
	return static.Decide(&r, &file, &x.route.Files.Options, w.driver.Wall(), &w.static)
}

// fileDecided sends what was decided.
func (c *client) fileDecided(a *static.Answer) verdict {
	w, x := c.worker, c.x
	if a.Status == 404 && x.route.Fallback != "" {
		return c.fallBack()
	}
	if a.Status >= 400 {
		return c.fileRefused(a)
	}
	w.ours = append(w.ours[:0], a.Fields...)
	c.carry()
	c.ruled()
	if a.Status != 200 && a.Status != 206 {
		x.file.drop()
		return c.answer(a.Status, nil)
	}
	return c.beginFile(a)
}

// carry replaces fields by those that the application which sent the answer
// here has given it.
func (c *client) carry() {
	w, x := c.worker, c.x
	for i := 0; i < len(x.carried); i += 2 {
		name := x.carried[i]
		kept := w.ours[:0]
		for _, f := range w.ours {
			if len(f.Name) != len(name) || !header.Same(f.Name, name) || header.Same(name, "set-cookie") {
				kept = append(kept, f)
			}
		}
		w.ours = append(kept, header.Field{Name: name, Value: x.carried[i+1]})
	}
}

// fileRefused answers with an error of the file's.
func (c *client) fileRefused(a *static.Answer) verdict {
	w, x := c.worker, c.x
	x.file.drop()
	w.ours = append(w.ours[:0], a.Fields...)
	return c.failWith(a.Status, "")
}

// fallBack answers by the route of the fallback's path: there is no such file.
func (c *client) fallBack() verdict {
	x := c.x
	x.file.drop()
	return c.hop(x.route.Fallback)
}

// cannotOpen answers for a file that could not be opened.
func (c *client) cannotOpen(name string, err error) verdict {
	x := c.x
	status := 500
	switch {
	case errors.Is(err, open.ErrNotFound):
		if x.route.Fallback != "" {
			return c.fallBack()
		}
		status = 404
	case errors.Is(err, open.ErrForbidden):
		status = 403
	case errors.Is(err, open.ErrBusy):
		status = 503
	}
	if status >= 500 {
		c.worker.log.Warn("cannot open a file", "site", x.route.Site.Name, "file", name, "error", err)
	}
	return c.fail(status)
}

// stepOpen waits for a file that is being opened aside.
func (c *client) stepOpen() verdict { return wait }
