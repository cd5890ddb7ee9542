package open

import (
	"errors"
	"math"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/static"
)

const (
	// Validity is how long an entry answers without a look at the disk: a
	// file that is replaced, removed or created, and a release that is
	// switched, is seen that late at most.
	Validity = time.Second
	// DefaultDescriptors is a limit for one loop: the files that a site asks
	// for within a second, at a small share of the 524288 descriptors that
	// the shipped unit asks for.
	DefaultDescriptors = 2048
	// maxMissing is how many names are known not to be there. They cost
	// memory alone, and a flood of them does not displace files.
	maxMissing = 1024
	// maxMissingName is the longest name that is remembered as missing: with
	// maxMissing it bounds the memory that a flood of long ones can fill.
	maxMissingName = 512
)

// Cache keeps files open for [Validity], with all that an answer needs, so
// that most requests open nothing. It belongs to one loop: it has no lock.
//
// Time is nanoseconds of any clock that only goes forward.
//
// What is displaced is what was opened first, not what was used last: no entry
// outlives its second, so use cannot earn it much.
type Cache struct {
	entries        map[key]*Entry
	files, missing line
	descriptors    int
	how            manner
}

// key is what an entry is found by. A root is always asked with the same
// options; a new configuration makes new roots.
type key struct {
	root *Root
	name string
}

// NewCache makes an empty cache of at most so many descriptors, those in use
// that it has let go of apart.
func NewCache(descriptors int) *Cache {
	return &Cache{entries: map[key]*Entry{}, descriptors: descriptors, how: bestManner()}
}

// Get gives what a name below a root stands for, to be released, or an error
// that wraps one of the Err values. ErrCold means that it must be opened
// elsewhere, see [Fill]. The name may be a view of a request.
func (c *Cache) Get(now int64, root *Root, o *static.Options, name string) (*Entry, error) {
	if e := c.fresh(now, key{root, name}); e != nil {
		return e.use()
	}
	f, err := root.find(o, name, c.how)
	if errors.Is(err, ErrBusy) && c.Shed() > 0 {
		f, err = root.find(o, name, c.how)
	}
	if errors.Is(err, ErrCold) {
		return nil, ErrCold
	}
	e := newEntry(key{root, strings.Clone(name)}, now, f, err)
	c.keep(e)
	return e.use()
}

// Put takes what a Fill has found and gives it as Get does.
func (c *Cache) Put(now int64, f *Fill) (*Entry, error) {
	k := key{f.root, f.name}
	if e := c.fresh(now, k); e != nil {
		// Another that asked at the same time was faster.
		f.found.close()
		return e.use()
	}
	e := newEntry(k, f.asked, f.found, f.err)
	if now-e.filled < int64(Validity) {
		c.keep(e)
	}
	return e.use()
}

// fresh is the entry of a name where there is a valid one.
func (c *Cache) fresh(now int64, k key) *Entry {
	if e := c.entries[k]; e != nil && now-e.filled < int64(Validity) {
		return e
	}
	return nil
}

// keep holds an entry in the place of the one before. That nothing was found
// is held, too; other errors may pass before the next request does.
func (c *Cache) keep(e *Entry) {
	if old := c.entries[e.key]; old != nil {
		c.drop(old)
	}
	switch {
	case e.err == nil:
		c.hold(e, &c.files, c.descriptors)
	case len(e.key.name) <= maxMissingName && (errors.Is(e.err, ErrNotFound) || errors.Is(e.err, ErrForbidden)):
		c.hold(e, &c.missing, maxMissing)
	}
}

// hold puts an entry in its line and lets go of the oldest until there is
// room, though not of that entry itself.
func (c *Cache) hold(e *Entry, l *line, limit int) {
	e.held = true
	c.entries[e.key] = e
	l.push(e)
	for l.cost > limit && l.oldest != e {
		c.drop(l.oldest)
	}
}

// drop lets go of an entry that the cache holds.
func (c *Cache) drop(e *Entry) {
	delete(c.entries, e.key)
	if e.err != nil {
		c.missing.remove(e)
	} else {
		c.files.remove(e)
	}
	e.held = false
	e.closeUnused()
}

// Expire lets go of what is no longer valid, so that deleted files give their
// space back. It returns when to call it next, or math.MaxInt64.
func (c *Cache) Expire(now int64) int64 {
	next := int64(math.MaxInt64)
	for _, l := range [...]*line{&c.files, &c.missing} {
		for l.oldest != nil && now-l.oldest.filled >= int64(Validity) {
			c.drop(l.oldest)
		}
		if l.oldest != nil {
			next = min(next, l.oldest.filled+int64(Validity))
		}
	}
	return next
}

// Shed closes the descriptors that nobody uses, for when there are none left,
// and returns how many.
func (c *Cache) Shed() int {
	closed := 0
	for e := c.files.oldest; e != nil; {
		next := e.newer
		if e.users == 0 {
			closed += len(e.found.files)
			c.drop(e)
		}
		e = next
	}
	return closed
}

// Close lets go of everything. What is in use is closed when it is released.
func (c *Cache) Close() {
	for _, l := range [...]*line{&c.files, &c.missing} {
		for l.oldest != nil {
			c.drop(l.oldest)
		}
	}
}
