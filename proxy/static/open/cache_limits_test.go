package open

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

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

func TestALimitBelowOneEntry(t *testing.T) {
	x := newShelf(t, 1)
	x.o.Precompressed = true
	x.file("www/a", "one")
	x.file("www/a.gz", "two")
	x.file("www/b", "three")
	x.want("an entry larger than the limit", "a", "one")
	x.want("another", "b", "three")
	if got := x.cache.files.cost; got != 1 {
		t.Errorf("%d descriptors are held, want 1", got)
	}
}

func TestX10NoDescriptorsLeft(t *testing.T) {
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
