package open

import (
	"time"

	"github.com/webstack/webstack/proxy/static"
)

// Entry is what a cache knows of a name. Whoever got one may use its
// descriptors until Release, whatever becomes of it in the cache.
type Entry struct {
	key    key
	found  found
	forms  static.Encodings
	err    error // why there is nothing, instead of found
	filled int64

	// users are those who got it, held says that it is in the cache; its
	// descriptors are closed when there is neither.
	users int
	held  bool
	// older and newer are its neighbours in the order of being filled.
	older, newer *Entry
}

func newEntry(k key, filled int64, f found, err error) *Entry {
	e := &Entry{key: k, found: f, err: err, filled: filled}
	for i := range f.files {
		if coding := f.files[i].facts.Encoding; coding != static.Identity {
			e.forms = e.forms.With(coding)
		}
	}
	return e
}

// use gives the entry to one more user, or says why there is none.
func (e *Entry) use() (*Entry, error) {
	if e.err != nil {
		return nil, e.err
	}
	e.users++
	return e, nil
}

// Decide answers a request with the entry: [static.Decide] for the form that
// the client accepts, or for the index of the folder. fd is the descriptor
// that the answer's offsets are of, for as long as the entry is not released;
// -1 where nothing of a file is to be sent.
func (e *Entry) Decide(r *static.Request, o *static.Options, now time.Time, s *static.Scratch) (a static.Answer, fd int) {
	if e.found.folder {
		folder := static.File{Dir: true}
		if a = static.Decide(r, &folder, o, now, s); !a.Index {
			return a, -1
		}
		if len(e.found.files) == 0 {
			return static.NoIndex(), -1
		}
	}
	c := e.choose(r)
	a = static.Decide(r, &c.facts, o, now, s)
	if !a.SendBody {
		return a, -1
	}
	return a, c.fd
}

func (e *Entry) choose(r *static.Request) *content {
	files := e.found.files
	if e.forms != 0 {
		chosen := static.Select(r.AcceptEncoding, e.forms)
		for i := range files {
			if files[i].facts.Encoding == chosen {
				return &files[i]
			}
		}
	}
	return &files[0]
}

// Release ends one use. The entry must not be touched after it.
func (e *Entry) Release() {
	e.users--
	e.closeUnused()
}

func (e *Entry) closeUnused() {
	if e.users == 0 && !e.held {
		e.found.close()
	}
}

// cost is what an entry counts for in its limit: its descriptors, and itself.
func (e *Entry) cost() int { return max(1, len(e.found.files)) }

// line is entries in the order in which they were filled, which is also the
// order in which they cease to be valid.
type line struct {
	oldest, newest *Entry
	cost           int
}

func (l *line) push(e *Entry) {
	e.older = l.newest
	if l.newest != nil {
		l.newest.newer = e
	} else {
		l.oldest = e
	}
	l.newest = e
	l.cost += e.cost()
}

func (l *line) remove(e *Entry) {
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		l.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		l.newest = e.older
	}
	e.older, e.newer = nil, nil
	l.cost -= e.cost()
}
