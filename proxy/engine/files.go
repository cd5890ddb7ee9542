package engine

import (
	"errors"
	"syscall"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// locate answers with a file, or with why not.
func (c *client) locate() verdict {
	w, x := c.worker, c.x
	rt := x.route
	name, a, ok := static.Locate(rt.Kind, rt.Path, x.method, x.vars.Path)
	if !ok {
		return c.fileRefused(&a)
	}
	e, err := w.files.Get(int64(w.now()), rt.Files.Root, &rt.Files.Options, name)
	if errors.Is(err, open.ErrCold) {
		return c.openAside(name)
	}
	return c.opened(e, err)
}

// opened has a file, or why there is none.
func (c *client) opened(e *open.Entry, err error) verdict {
	w, x := c.worker, c.x
	if err != nil {
		return c.cannotOpen(err)
	}
	x.file.entry = e
	r := static.Request{
		Method: x.method, Path: x.vars.Path, Query: x.vars.Query,
		IfMatch: x.find("if-match"), IfNoneMatch: x.find("if-none-match"),
		IfModifiedSince: x.find("if-modified-since"), IfUnmodifiedSince: x.find("if-unmodified-since"),
		IfRange: x.find("if-range"), Range: x.find("range"), AcceptEncoding: x.find("accept-encoding"),
	}
	a, fd := e.Decide(&r, &x.route.Files.Options, w.driver.Wall(), &w.static)
	x.file.fd = fd
	switch {
	case a.Status == 404 && x.route.Fallback != "":
		return c.fallBack()
	case a.Status >= 400:
		return c.fileRefused(&a)
	}
	w.ours = append(w.ours[:0], a.Fields...)
	c.carry()
	c.ruled()
	if a.Status != 200 && a.Status != 206 {
		x.file.drop()
		return c.answer(a.Status, nil)
	}
	return c.beginFile(&a)
}

// carry replaces fields by those that the application which sent the answer
// here has given it.
func (c *client) carry() {
	w, x := c.worker, c.x
	for i := 0; i < len(x.carried); i += 2 {
		name := x.carried[i]
		kept := w.ours[:0]
		for _, f := range w.ours {
			if !header.Same(f.Name, name) || header.Same(name, "set-cookie") {
				kept = append(kept, f)
			}
		}
		w.ours = append(kept, header.Field{Name: name, Value: x.carried[i+1]})
	}
}

// fileRefused answers with an error of the file's.
func (c *client) fileRefused(a *static.Answer) verdict {
	w := c.worker
	c.x.file.drop()
	w.ours = append(w.ours[:0], a.Fields...)
	return c.failWith(a.Status, "")
}

// fallBack answers by the route of the fallback's path: there is no such file.
func (c *client) fallBack() verdict {
	c.x.file.drop()
	return c.hop(c.x.route.Fallback)
}

// cannotOpen answers for a file that could not be opened.
func (c *client) cannotOpen(err error) verdict {
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
		c.worker.shed()
		status = 503
	case errors.Is(err, syscall.ETIMEDOUT):
		status = 503
	}
	if status >= 500 {
		c.worker.log.Warn("cannot open a file", "site", x.route.Site.Name, "path", x.vars.Path, "error", err)
	}
	return c.fail(status)
}
