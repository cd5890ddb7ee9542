package open

import (
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/webstack/webstack/proxy/static"
	"golang.org/x/sys/unix"
)

// viewOf makes a string that changes with its bytes, as a request's do.
func viewOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// answered is what a client would see.
type answered struct {
	status         int
	text, encoding string
}

func (x *shelf) answer(r static.Request, name string) answered {
	x.t.Helper()
	e, err := x.get(name)
	if err != nil {
		x.t.Fatalf("get(%q): %v", name, err)
	}
	defer e.Release()
	r.Method = "GET"
	var s static.Scratch
	a, fd := e.Decide(&r, x.o, time.Now(), &s)
	got := answered{status: a.Status}
	for _, f := range a.Fields {
		if f.Name == "Content-Encoding" {
			got.encoding = f.Value
		}
	}
	if fd >= 0 {
		buffer := make([]byte, a.Length)
		n, err := unix.Pread(fd, buffer, a.Offset)
		if err != nil || n != len(buffer) {
			x.t.Fatalf("get(%q): %d of %d bytes, %v", name, n, len(buffer), err)
		}
		got.text = string(buffer)
	}
	return got
}

func TestFoldersAndTheirIndex(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/index.html", "root")
	x.file("www/with/index.html", "index")
	x.file("www/withindex.html", "no index of a folder")
	x.file("www/without/a", "a")
	x.folder("www/folder/index.html")
	x.file("www/file", "file")
	before := descriptors(t)
	for _, tt := range []struct {
		about, path, name string
		want              answered
	}{
		{"the root", "/", "", answered{status: 200, text: "root"}},
		{"the root of a route without its slash", "/static", "", answered{status: 301}},
		{"a folder with an index", "/with/", "with/", answered{status: 200, text: "index"}},
		{"the same without a slash", "/with", "with", answered{status: 301}},
		{"a folder without an index", "/without/", "without/", answered{status: 403}},
		{"a folder whose index is a folder", "/folder/", "folder/", answered{status: 403}},
		{"a file", "/file", "file", answered{status: 200, text: "file"}},
		{"a file asked for as a folder", "/file/", "file/", answered{status: 404}},
	} {
		for _, again := range []string{"", ", again"} {
			if got := x.answer(static.Request{Path: tt.path}, tt.name); got != tt.want {
				t.Errorf("%s%s: got %+v, want %+v", tt.about, again, got, tt.want)
			}
		}
	}
	if got := descriptors(t) - before; got != 4 {
		t.Errorf("%d descriptors are held, want 4: two indexes and a file twice", got)
	}
	x.o.Index = ""
	x.now += second
	if got := x.answer(static.Request{Path: "/with/"}, "with/"); got.status != 403 {
		t.Errorf("a folder where no index is configured: got %+v, want 403", got)
	}
}

func TestCompressedForms(t *testing.T) {
	x := newShelf(t, 64)
	x.o.Precompressed = true
	x.file("www/a.css", "plain")
	x.file("www/a.css.gz", "in gzip")
	x.file("www/a.css.br", "in br")
	x.file("www/b.css", "plain")
	x.folder("www/b.css.zst")
	x.file("www/only.css.gz", "in gzip")
	x.file("www/with/index.html", "plain index")
	x.file("www/with/index.html.zst", "index in zstd")
	const browser = "gzip, deflate, br, zstd"
	before := descriptors(t)
	for _, tt := range []struct {
		about, path string
		r           static.Request
		want        answered
	}{
		{"the smallest that there is", "/a.css", static.Request{AcceptEncoding: browser}, answered{200, "in br", "br"}},
		{"what the client knows", "/a.css", static.Request{AcceptEncoding: "gzip"}, answered{200, "in gzip", "gzip"}},
		{"a client that knows none", "/a.css", static.Request{}, answered{200, "plain", ""}},
		{"a range is of the form", "/a.css", static.Request{AcceptEncoding: browser, Range: "bytes=3-"}, answered{206, "br", "br"}},
		{"a range of the file itself", "/a.css", static.Request{Range: "bytes=3-"}, answered{206, "in", ""}},
		{"a folder is no form", "/b.css", static.Request{AcceptEncoding: browser}, answered{200, "plain", ""}},
		{"an index has forms, too", "/with/", static.Request{AcceptEncoding: browser}, answered{200, "index in zstd", "zstd"}},
		{"a form asked for by its own name", "/a.css.gz", static.Request{AcceptEncoding: browser}, answered{200, "in gzip", ""}},
	} {
		tt.r.Path = tt.path
		if got := x.answer(tt.r, tt.path[1:]); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.about, got, tt.want)
		}
	}
	x.wantError("a form without its file", "only.css", ErrNotFound)
	x.cache.Close()
	if got := descriptors(t); got != before {
		t.Errorf("%d descriptors are left open", got-before)
	}
	x.o = &static.Options{}
	x.now += second
	if got, want := x.answer(static.Request{Path: "/a.css", AcceptEncoding: browser}, "a.css"), (answered{200, "plain", ""}); got != want {
		t.Errorf("where it is not configured: got %+v, want %+v", got, want)
	}
}

func TestHEADHasNoDescriptor(t *testing.T) {
	x := newShelf(t, 64)
	x.file("www/a", strings.Repeat("a", 10))
	e := x.mustGet("a")
	defer e.Release()
	a, fd := e.Decide(&static.Request{Method: "HEAD", Path: "/a"}, x.o, time.Now(), nil)
	if a.Status != 200 || a.Length != 10 || fd != -1 {
		t.Errorf("got %+v and descriptor %d, want a 200 of 10 bytes and none", a, fd)
	}
}
