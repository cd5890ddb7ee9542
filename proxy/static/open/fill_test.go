package open

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

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
	// By now the kernel knows the links, too, and says where they lead.
	x.now += second
	x.want("a link that leads out, a second later", "out", "two")
	x.wantError("a link to where it may not, a second later", "forbidden", ErrForbidden)
	if x.cold != 4 {
		t.Errorf("it was cold %d times for two names in two seconds, want 4", x.cold)
	}
}

func TestX15WhatMayNotBeReadIsOpenedElsewhere(t *testing.T) {
	x := newShelf(t, 64)
	if x.cache.how != fromMemory {
		t.Skip("the kernel has no RESOLVE_CACHED: nothing is ever cold")
	}
	x.file("www/none", "x")
	x.must(os.Chmod(x.path("www/none"), 0))
	x.must(os.Chmod(filepath.Dir(x.dir), 0o755))
	asNobody(t, func() {
		for range 2 {
			x.wantError("a file without permission", "none", ErrForbidden)
		}
	})
	if x.cold != 1 {
		t.Errorf("it was cold %d times, want 1: the refusal is remembered", x.cold)
	}
}

func TestOnAKernelBefore512NothingIsCold(t *testing.T) {
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

func TestFillsOfOneName(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", "one")
	before := descriptors(t)
	first, second, late := NewFill(x.now, x.root, x.o, "a"), NewFill(x.now, x.root, x.o, "a"), NewFill(x.now, x.root, x.o, "a")
	missing := NewFill(x.now, x.root, x.o, "missing")
	for _, f := range []*Fill{first, second, late, missing} {
		f.Run()
	}
	one, err := x.cache.Put(x.now+1, first)
	x.must(err)
	two, err := x.cache.Put(x.now+2, second)
	x.must(err)
	if one != two {
		t.Error("two fills at the same time gave two entries")
	}
	x.now += int64(Validity)
	x.replace("www/a", "two")
	three, err := x.cache.Put(x.now, late)
	x.must(err)
	if got := x.text(three); got != "one" {
		t.Errorf("a fill that took its time has %q, want what there was when it was asked for", got)
	}
	if three.held {
		t.Error("a fill that took longer than it is valid is held")
	}
	x.want("whoever asks after it", "a", "two")
	if _, err := x.cache.Put(x.now, missing); !errors.Is(err, ErrNotFound) {
		t.Errorf("a fill that found nothing: got %v", err)
	}
	x.file("www/missing", "there")
	x.want("what it did not find, created since", "missing", "there")
	one.Release()
	two.Release()
	three.Release()
	x.cache.Close()
	if got := descriptors(t); got != before {
		t.Errorf("%d descriptors are left open", got-before)
	}
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
	f := NewFill(x.now, x.root, x.o, viewOf(view))
	view[0] = 'a'
	f.Run()
	e, err = x.cache.Put(x.now, f)
	x.must(err)
	if got := x.text(e); got != "other" {
		t.Errorf("a fill whose name was overwritten has %q, want %q", got, "other")
	}
	e.Release()
}
