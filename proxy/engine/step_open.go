package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/static/open"
)

// How much may be done aside for all loops together: each may hold a thread
// for as long as the disk takes.
const (
	asideAtOnce = 32
	asideQueue  = 4096
)

// stepOpen waits for a file that is being opened, or read into memory, on
// another thread: the disk must not stop the loop.
func (c *client) stepOpen() verdict {
	if c.x.file.aside {
		return wait
	}
	return c.to(stepFile)
}

// openAside opens a file that the kernel would have to wait for.
func (c *client) openAside(name string) verdict {
	w, x := c.worker, c.x
	f := open.NewFill(int64(w.now()), x.route.Files.Root, &x.route.Files.Options, name)
	opened := func(here bool) {
		e, err := w.files.Put(int64(w.now()), f)
		switch {
		case here:
			c.opened(e, err)
		case err == nil:
			e.Release()
		}
	}
	if !c.aside(f.Run, opened) {
		return c.fail(503)
	}
	return c.to(stepOpen)
}

// warm has a stretch of the file read into memory before it is sent. Where too
// much is being done aside, the loop waits for the disk itself.
func (c *client) warm(n int64) verdict {
	f := &c.x.file
	entry, fd, at := f.entry, f.fd, f.at
	f.warmed = at + n
	read := func(here bool) {
		if here {
			c.x.file.entry = entry
		} else {
			entry.Release()
		}
	}
	if !c.aside(func() { open.Warm(fd, at, n) }, read) {
		return again
	}
	f.entry = nil // the other thread's, until it is done
	return c.to(stepOpen)
}

// aside runs work on another thread and then, in the loop's, done, which is
// told whether the exchange still waits for it.
func (c *client) aside(work func(), done func(here bool)) bool {
	w, x := c.worker, c.x
	w.asides++
	ticket := w.asides
	finish := func() {
		here := c.x == x && x.file.aside && x.file.ticket == ticket
		if here {
			x.file.aside = false
			w.attend(c)
		}
		done(here)
		if here {
			c.run()
		}
	}
	ok := w.engine.aside.Do(func() {
		work()
		w.driver.Post(finish)
	})
	x.file.aside, x.file.ticket, x.file.since = ok, ticket, w.now()
	return ok
}

// diskHangs gives a file up that another thread still waits for.
func (c *client) diskHangs() {
	if c.x.down.begun {
		c.fileBroken(syscall.ETIMEDOUT)
		return
	}
	c.x.file.drop()
	c.cannotOpen(syscall.ETIMEDOUT)
}
