package open

import (
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/static"
	"golang.org/x/sys/unix"
)

const second = int64(time.Second)

// shelf is a cache over a site, with a clock of its own.
type shelf struct {
	*site
	cache *Cache
	root  *Root
	o     *static.Options
	now   int64
	cold  int // how often nothing was found in memory
}

func newShelf(t *testing.T, limit int) *shelf {
	t.Helper()
	s := newSite(t)
	x := &shelf{site: s, cache: NewCache(limit), root: s.root(), o: &static.Options{Index: "index.html"}}
	t.Cleanup(x.cache.Close)
	return x
}

// get asks as an engine does.
func (x *shelf) get(name string) (*Entry, error) {
	e, err := x.cache.Get(x.now, x.root, x.o, name)
	if errors.Is(err, ErrCold) {
		x.cold++
		f := NewFill(x.now, x.root, x.o, name)
		f.Run()
		e, err = x.cache.Put(x.now, f)
	}
	return e, err
}

func (x *shelf) mustGet(name string) *Entry {
	x.t.Helper()
	e, err := x.get(name)
	if err != nil {
		x.t.Fatalf("get(%q): %v", name, err)
	}
	return e
}

// text is what the first file of an entry holds.
func (x *shelf) text(e *Entry) string {
	x.t.Helper()
	var buffer [64]byte
	n, err := unix.Pread(e.found.files[0].fd, buffer[:], 0)
	if err != nil {
		x.t.Fatal(err)
	}
	return string(buffer[:n])
}

func (x *shelf) want(about, name, want string) {
	x.t.Helper()
	e, err := x.get(name)
	if err != nil {
		x.t.Errorf("%s: get(%q): %v", about, name, err)
		return
	}
	defer e.Release()
	if got := x.text(e); got != want {
		x.t.Errorf("%s: get(%q) has %q, want %q", about, name, got, want)
	}
}

func (x *shelf) wantError(about, name string, want error) {
	x.t.Helper()
	e, err := x.get(name)
	if err == nil {
		e.Release()
	}
	if !errors.Is(err, want) {
		x.t.Errorf("%s: get(%q) = %v, want %v", about, name, err, want)
	}
}

// replace puts a new file in the place of one.
func (x *shelf) replace(name, text string) {
	x.t.Helper()
	x.file("next", text)
	x.must(os.Rename(x.path("next"), x.path(name)))
}

func TestX15AReplacedFileIsSeenWithinASecond(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	x.wantError("a missing file", "b", ErrNotFound)
	x.want("the first time", "a", "one")
	x.replace("www/a", "two")
	x.file("www/b", "new")
	x.now += second - 1
	x.want("within its second", "a", "one")
	x.wantError("a missing file within its second", "b", ErrNotFound)
	x.now++
	x.want("behind it", "a", "two")
	x.want("one that was missing", "b", "new")
	x.must(os.Remove(x.path("www/b")))
	x.now += second
	x.wantError("one that was removed", "b", ErrNotFound)
}

func TestX15ASwitchedReleaseIsSeenWithinASecond(t *testing.T) {
	x := newShelf(t, 64)
	x.file("releases/1/a", "one")
	x.file("releases/2/a", "two")
	x.link("releases/1", "current")
	x.root = NewRoot(x.path("current"), nil)
	x.want("the first release", "a", "one")
	x.link("releases/2", "current.next")
	x.must(os.Rename(x.path("current.next"), x.path("current")))
	x.want("within a second", "a", "one")
	x.now += second
	x.want("behind it", "a", "two")
}

func TestAHitIsTheSameDescriptor(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	first, second := x.mustGet("a"), x.mustGet("a")
	if first != second || first.users != 2 {
		t.Errorf("two gets of one name gave %p and %p with %d users, want the same with 2", first, second, first.users)
	}
	first.Release()
	second.Release()
	other := NewRoot(x.path("www"), nil)
	e, err := x.cache.Get(x.now, other, x.o, "a")
	if err != nil || e == first {
		t.Errorf("another root gave the entry of the first, or %v", err)
	}
	e.Release()
}

func TestAnEntryInUseOutlivesItsPlace(t *testing.T) {
	x := newShelf(t, 2)
	for _, name := range []string{"a", "b", "c", "d"} {
		x.file("www/"+name, "text of "+name)
	}
	before := descriptors(t)
	replaced := x.mustGet("a")
	x.replace("www/a", "new")
	x.now += second
	fresh := x.mustGet("a")
	if got := x.text(replaced); got != "text of a" {
		t.Errorf("the entry that was replaced has %q", got)
	}
	x.want("another", "b", "text of b")
	x.want("a third, which displaces the first", "c", "text of c")
	if fresh.held {
		t.Error("the oldest of three is held by a cache of two")
	}
	if got := x.text(fresh); got != "new" {
		t.Errorf("the entry that was displaced has %q", got)
	}
	used := x.mustGet("d")
	if got := x.cache.Shed(); got != 1 {
		t.Errorf("%d descriptors were shed, want 1: the other is in use", got)
	}
	x.now += second
	x.cache.Expire(x.now)
	if got := x.text(used); got != "text of d" {
		t.Errorf("the entry that expired has %q", got)
	}
	if got := descriptors(t); got != before+3 {
		t.Errorf("%d descriptors are open for three entries in use", got-before)
	}
	replaced.Release()
	fresh.Release()
	used.Release()
	if got := descriptors(t); got != before {
		t.Errorf("%d descriptors are open when nothing is in use or held", got-before)
	}
}

func TestExpireSaysWhenToComeAgain(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	if got := x.cache.Expire(0); got != math.MaxInt64 {
		t.Errorf("an empty cache wants to be called at %d", got)
	}
	x.want("a file", "a", "one")
	x.now = second / 2
	x.wantError("a missing one, later", "b", ErrNotFound)
	for _, tt := range []struct{ now, next int64 }{
		{second - 1, second},
		{second, 3 * second / 2},
		{3 * second / 2, math.MaxInt64},
	} {
		if got := x.cache.Expire(tt.now); got != tt.next {
			t.Errorf("at %d it wants to be called at %d, want %d", tt.now, got, tt.next)
		}
	}
	if n := len(x.cache.entries); n != 0 {
		t.Errorf("%d entries are left", n)
	}
}
