package open

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
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
		f := NewFill(x.root, x.o, name)
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

func TestANameMayBeAViewOfABuffer(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	x.file("www/b", "other")
	view := []byte("a")
	e, err := x.cache.Get(x.now, x.root, x.o, viewOf(view))
	x.must(err)
	e.Release()
	view[0] = 'b'
	x.want("the name that was asked for", "a", "one")
	x.want("the name that is in the buffer now", viewOf(view), "other")
	f := NewFill(x.root, x.o, viewOf(view))
	view[0] = 'a'
	f.Run()
	e, err = x.cache.Put(x.now, f)
	x.must(err)
	if got := x.text(e); got != "other" {
		t.Errorf("a fill whose name was overwritten has %q, want %q", got, "other")
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

func TestX15AFloodOfMissingNamesIsBounded(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	kept := x.mustGet("a")
	for i := range maxMissing + 100 {
		// Below a file: known from memory.
		x.wantError("a flood", fmt.Sprintf("a/%d", i), ErrNotFound)
	}
	if got := len(x.cache.entries); got != maxMissing+1 {
		t.Errorf("%d entries, want %d missing and one file", got, maxMissing)
	}
	if !kept.held {
		t.Error("names that are missing displaced a file")
	}
	kept.Release()
	before := len(x.cache.entries)
	x.cache.Expire(x.now + second)
	x.wantError("a long name", "a/"+strings.Repeat("x", maxMissingName), ErrNotFound)
	if got := len(x.cache.entries); got != 0 {
		t.Errorf("%d of %d entries are left, a long name among them", got, before)
	}
}

func TestX15WhatIsNotPlainIsOpenedElsewhere(t *testing.T) {
	x := newShelf(t, 64)
	if x.cache.how != fromMemory {
		t.Skip("the kernel has no RESOLVE_CACHED: nothing is ever cold")
	}
	x.file("www/a", "one")
	x.file("media/b", "two")
	x.link("{}/media/b", "www/out")
	x.link("{}/secret", "www/forbidden")
	x.file("secret", "three")
	x.root = x.site.root("media")
	x.want("a plain file", "a", "one")
	if x.cold != 0 {
		t.Error("a file whose name was just made is cold")
	}
	for range 3 {
		x.want("a link that leads out", "out", "two")
		x.wantError("a link to where it may not", "forbidden", ErrForbidden)
	}
	if x.cold != 2 {
		t.Errorf("it was cold %d times for two names in one second, want 2", x.cold)
	}
}

func TestWithoutRESOLVE_CACHEDNothingIsCold(t *testing.T) {
	x := newShelf(t, 64)
	x.cache.how = fromDisk
	x.file("media/b", "two")
	x.link("{}/media/b", "www/out")
	x.root = x.site.root("media")
	x.want("a link that leads out", "out", "two")
	x.wantError("a missing name", "missing", ErrNotFound)
	if x.cold != 0 {
		t.Errorf("it was cold %d times", x.cold)
	}
}

func TestNoDescriptorsLeft(t *testing.T) {
	x := newShelf(t, 64)
	for _, name := range []string{"a", "b", "c"} {
		x.file("www/"+name, name)
	}
	x.want("one", "a", "a")
	x.want("two", "b", "b")
	// All numbers below those of the two are taken, and none above may be.
	last := x.cache.files.newest.found.files[0].fd
	for fd := 0; fd <= last; {
		var err error
		fd, err = unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0)
		x.must(err)
		defer unix.Close(fd)
	}
	var before unix.Rlimit
	x.must(unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	x.must(unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(last) + 1, Max: before.Max}))
	defer func() { x.must(unix.Setrlimit(unix.RLIMIT_NOFILE, &before)) }()
	x.want("the cache gives up its own", "c", "c")
	held := x.mustGet("c")
	x.wantError("there is none to give up", "a", ErrBusy)
	held.Release()
	x.want("and it was not remembered", "a", "a")
}

func TestAnySequenceLeavesNothingBehind(t *testing.T) {
	before := descriptors(t)
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 3))
		x := newShelf(t, 6)
		x.o.Precompressed = true
		var names []string
		for i := range 8 {
			name := fmt.Sprintf("%d", i)
			x.file("www/"+name, name)
			if i%2 == 0 {
				x.file("www/"+name+".gz", name+" compressed")
			}
			names = append(names, name, "missing-"+name)
		}
		var used []*Entry
		for range 500 {
			switch random.IntN(10) {
			case 0:
				x.now += int64(random.IntN(int(second)))
				x.cache.Expire(x.now)
			case 1:
				x.cache.Shed()
			case 2, 3, 4:
				if n := len(used); n > 0 {
					i := random.IntN(n)
					if got := x.text(used[i]); got != used[i].key.name {
						t.Fatalf("seed %d: the entry of %q has %q", seed, used[i].key.name, got)
					}
					used[i].Release()
					used = append(used[:i], used[i+1:]...)
				}
			default:
				if e, err := x.get(names[random.IntN(len(names))]); err == nil {
					used = append(used, e)
				}
			}
			if x.cache.files.cost > 6 || x.cache.missing.cost > maxMissing {
				t.Fatalf("seed %d: the cache holds %d descriptors, want 6 at most", seed, x.cache.files.cost)
			}
		}
		for _, e := range used {
			e.Release()
		}
		x.cache.Close()
		if got := descriptors(t); got != before {
			t.Fatalf("seed %d: %d descriptors are left open", seed, got-before)
		}
	}
}

func TestAHitAllocatesNothing(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/css/a.css", "one")
	x.file("www/css/a.css.br", "compressed")
	x.o.Precompressed = true
	x.mustGet("css/a.css").Release()
	x.wantError("a missing name", "css/b.css", ErrNotFound)
	r := &static.Request{Method: "GET", Path: "/css/a.css", AcceptEncoding: "gzip, br"}
	var s static.Scratch
	wall := time.Now()
	got := testing.AllocsPerRun(100, func() {
		e, err := x.cache.Get(x.now, x.root, x.o, "css/a.css")
		if err != nil {
			t.Fatal(err)
		}
		a, fd := e.Decide(r, x.o, wall, &s)
		if a.Status != 200 || fd < 0 || a.Length != int64(len("compressed")) {
			t.Fatalf("got %+v from descriptor %d", a, fd)
		}
		e.Release()
		if _, err = x.cache.Get(x.now, x.root, x.o, "css/b.css"); err == nil {
			t.Fatal("a missing name is there")
		}
		x.cache.Expire(x.now)
	})
	if got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func BenchmarkCacheHit(b *testing.B) {
	dir := b.TempDir()
	const name = "css/theme/main.9f2c1d.css"
	if err := os.MkdirAll(dir+"/css/theme", 0o755); err != nil {
		b.Fatal(err)
	}
	c, root, o := NewCache(DefaultDescriptors), NewRoot(dir, nil), &static.Options{}
	for i := range 100 {
		file := fmt.Sprintf("%s.%d", name, i)
		if err := os.WriteFile(dir+"/"+file, []byte("a"), 0o644); err != nil {
			b.Fatal(err)
		}
		e, err := c.Get(0, root, o, file)
		if err != nil {
			b.Fatal(err)
		}
		e.Release()
	}
	defer c.Close()
	b.ReportAllocs()
	for b.Loop() {
		e, err := c.Get(1, root, o, name+".50")
		if err != nil {
			b.Fatal(err)
		}
		e.Release()
	}
}

func BenchmarkCacheMiss(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(dir+"/a.css", []byte("a"), 0o644); err != nil {
		b.Fatal(err)
	}
	c, root, o := NewCache(DefaultDescriptors), NewRoot(dir, nil), &static.Options{}
	defer c.Close()
	now := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		now += second
		e, err := c.Get(now, root, o, "a.css")
		if err != nil {
			b.Fatal(err)
		}
		e.Release()
	}
}
