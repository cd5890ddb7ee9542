package engine

import "github.com/webstack/webstack/proxy/static/open"

// maxAside is how many threads may wait for the disk on behalf of a loop.
// Beyond it the loop waits itself, which slows down those who ask for more.
const maxAside = 32

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
	if w.aside >= maxAside {
		f.Run()
		return c.opened(w.files.Put(int64(w.now()), f))
	}
	c.stepAside(f.Run, func(here bool) {
		e, err := w.files.Put(int64(w.now()), f)
		switch {
		case here:
			c.opened(e, err)
		case err == nil:
			e.Release()
		}
	})
	return c.to(stepOpen)
}

// warm has a stretch of the file read into memory before it is sent.
func (c *client) warm(n int64) verdict {
	w, f := c.worker, &c.x.file
	f.warmed = f.at + n
	if w.aside >= maxAside {
		return again
	}
	entry, fd, at := f.entry, f.fd, f.at
	f.entry = nil // the thread's, until it is done
	c.stepAside(func() { open.Warm(fd, at, n) }, func(here bool) {
		if here {
			c.x.file.entry = entry
		} else {
			entry.Release()
		}
	})
	return c.to(stepOpen)
}

// stepAside runs work on another thread and then, in the loop's, done, which
// is told whether the exchange still waits for it.
func (c *client) stepAside(work func(), done func(here bool)) {
	w, x := c.worker, c.x
	w.aside++
	w.asides++
	ticket := w.asides
	x.file.aside, x.file.ticket = true, ticket
	go func() {
		work()
		w.driver.Post(func() {
			w.aside--
			here := c.x == x && x.file.aside && x.file.ticket == ticket
			if here {
				x.file.aside = false
			}
			done(here)
			if here {
				c.run()
			}
		})
	}()
}
