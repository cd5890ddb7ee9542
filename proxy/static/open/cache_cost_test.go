package open

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/static"
)

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
