package open

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// site is a temporary folder with a root "www" in it and things beside it.
type site struct {
	t   *testing.T
	dir string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t, t.TempDir()}
	s.folder("www")
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) folder(name string) {
	s.t.Helper()
	s.must(os.MkdirAll(s.path(name), 0o755))
}

func (s *site) file(name, text string) {
	s.t.Helper()
	s.folder(filepath.Dir(name))
	s.must(os.WriteFile(s.path(name), []byte(text), 0o644))
}

// link makes a symlink; {} in target is the temporary folder.
func (s *site) link(target, name string) {
	s.t.Helper()
	s.must(os.Symlink(strings.ReplaceAll(target, "{}", s.dir), s.path(name)))
}

func (s *site) root(follow ...string) *Root {
	for i, f := range follow {
		follow[i] = s.path(f)
	}
	return NewRoot(s.path("www"), follow)
}

func wantText(t *testing.T, about string, r *Root, name, want string) {
	t.Helper()
	f, err := r.Open(name)
	if err != nil {
		t.Errorf("%s: Open(%q): %v", about, name, err)
		return
	}
	file := f.OSFile(name)
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || string(got) != want || f.Dir || f.Size != int64(len(want)) || f.ModTime.IsZero() {
		t.Errorf("%s: Open(%q) = %+v with text %q, %v, want %q", about, name, f, got, err, want)
	}
}

func wantError(t *testing.T, about string, r *Root, name string, want error) {
	t.Helper()
	f, err := r.Open(name)
	if err == nil {
		f.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("%s: Open(%q) = %v, want %v", about, name, err, want)
	}
}

func wantFolder(t *testing.T, about string, r *Root, name string) {
	t.Helper()
	f, err := r.Open(name)
	if err != nil {
		t.Errorf("%s: Open(%q): %v", about, name, err)
		return
	}
	defer f.Close()
	if !f.Dir {
		t.Errorf("%s: Open(%q) is not a folder", about, name)
	}
}

func TestCheck(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

func TestX15OpenStaysBelowTheRoot(t *testing.T) {
	s := newSite(t)
	s.file("www/css/a.css", "a")
	s.file("secret", "outside")
	s.file("www2/b", "beside")
	s.link("css/a.css", "www/in")
	s.link("../www/css/a.css", "www/out-and-in")
	s.link("{}/www/css/a.css", "www/absolute-in")
	s.link("{}/secret", "www/absolute-out")
	s.link("../secret", "www/relative-out")
	s.link("..", "www/folder-out")
	s.link("{}/www2", "www/beside")
	s.link("absolute-out", "www/link-to-link")
	s.link("/proc/self/root", "www/magic")
	s.link("missing", "www/dangling")
	s.link("loop", "www/loop")
	r := s.root()

	wantText(t, "a file", r, "css/a.css", "a")
	wantText(t, "a symlink that stays inside", r, "in", "a")
	wantText(t, "a symlink that leads out and back in", r, "out-and-in", "a")
	wantText(t, "an absolute symlink into the root", r, "absolute-in", "a")
	wantFolder(t, "the root", r, "")
	wantFolder(t, "a folder", r, "css")
	wantFolder(t, "a folder with a slash", r, "css/")

	wantError(t, "an absolute symlink out", r, "absolute-out", ErrForbidden)
	wantError(t, "a relative symlink out", r, "relative-out", ErrForbidden)
	wantError(t, "a folder symlink out", r, "folder-out/secret", ErrForbidden)
	wantError(t, "a folder whose name only begins like the root's", r, "beside/b", ErrForbidden)
	wantError(t, "a symlink to a symlink out", r, "link-to-link", ErrForbidden)
	wantError(t, "a magic link", r, "magic"+s.path("www/css/a.css"), ErrNotFound)
	wantError(t, "a dangling symlink", r, "dangling", ErrNotFound)
	wantError(t, "a symlink loop", r, "loop", ErrNotFound)
	wantError(t, "dots", r, "../secret", ErrNotFound)
	wantError(t, "dots inside", r, "css/../../secret", ErrNotFound)
	wantError(t, "an absolute name", r, s.path("secret"), ErrNotFound)
	wantError(t, "a NUL", r, "css/a.css\x00", ErrNotFound)
	wantError(t, "a name that is too long", r, strings.Repeat("a", 300), ErrNotFound)
	wantError(t, "a path that is too long", r, strings.Repeat("a/", 3000), ErrNotFound)
	wantError(t, "a missing file", r, "css/b.css", ErrNotFound)
	wantError(t, "below a file", r, "css/a.css/b", ErrNotFound)
}

func TestX15FollowSymlinksTo(t *testing.T) {
	s := newSite(t)
	s.file("media/1/a", "one")
	s.file("media/2/a", "two")
	s.file("media2/a", "beside")
	s.file("secret", "outside")
	s.link("../media/1", "www/relative")
	s.link("{}/media/1/a", "www/absolute")
	s.link("{}/media2/a", "www/beside")
	s.link("{}/secret", "www/secret")
	s.link("{}/secret", "media/1/back")
	s.link("{}/current/a", "www/through")
	s.link("media/1", "current")
	r := s.root("media", "missing")
	wantText(t, "a relative link", r, "relative/a", "one")
	wantText(t, "an absolute link", r, "absolute", "one")
	wantFolder(t, "a link to a folder", r, "relative")
	wantText(t, "a link through one beside the root", r, "through", "one")
	wantError(t, "a folder whose name only begins alike", r, "beside", ErrForbidden)
	wantError(t, "outside of both", r, "secret", ErrForbidden)
	wantError(t, "out of the allowed folder again", r, "relative/back", ErrForbidden)

	byLink := s.root("current")
	wantText(t, "an allowed folder that is a symlink", byLink, "relative/a", "one")
	s.must(os.Remove(s.path("current")))
	s.link("media/2", "current")
	wantError(t, "its old target after a switch", byLink, "relative/a", ErrForbidden)
	wantText(t, "its new target after a switch", byLink, "through", "two")
}

func TestARootThatChanges(t *testing.T) {
	s := newSite(t)
	s.must(os.Remove(s.path("www")))
	r := s.root()
	wantError(t, "a root that is missing at first", r, "a", ErrNotFound)
	s.file("www/a", "one")
	wantText(t, "created later", r, "a", "one")
	s.file("new/a", "two")
	s.must(os.Rename(s.path("www"), s.path("old")))
	s.must(os.Rename(s.path("new"), s.path("www")))
	wantText(t, "replaced by rename", r, "a", "two")
	s.must(os.Rename(s.path("www"), s.path("v2")))
	s.link("old", "www")
	wantText(t, "made a symlink", r, "a", "one")
	s.link("v2", "www.next")
	s.must(os.Rename(s.path("www.next"), s.path("www")))
	wantText(t, "switched by symlink", r, "a", "two")
	s.must(os.Remove(s.path("www")))
	s.file("www", "no folder")
	wantError(t, "a root that is a file", r, "a", ErrNotFound)
}

func TestX15SpecialFilesAreRefusedWithoutBlocking(t *testing.T) {
	s := newSite(t)
	s.must(unix.Mkfifo(s.path("www/fifo"), 0o644))
	s.must(unix.Mkfifo(s.path("fifo"), 0o644))
	s.link("{}/fifo", "www/fifo-out")
	s.link("/dev/null", "www/device")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	s.must(err)
	defer unix.Close(fd)
	s.must(unix.Bind(fd, &unix.SockaddrUnix{Name: s.path("www/socket")}))
	r := NewRoot(s.path("www"), []string{s.dir, "/dev"})
	for _, name := range []string{"fifo", "fifo-out", "socket", "device"} {
		wantError(t, "not a regular file", r, name, ErrNotFound)
	}
}

func TestX15FilesWithoutPermission(t *testing.T) {
	s := newSite(t)
	s.file("www/none", "x")
	s.file("www/closed/a", "x")
	s.file("www/passage/a", "a")
	s.must(os.Chmod(s.path("www/none"), 0))
	s.must(os.Chmod(s.path("www/closed"), 0))
	s.must(os.Chmod(s.path("www/passage"), 0o711))
	t.Cleanup(func() { s.must(os.Chmod(s.path("www/closed"), 0o755)) })
	s.link("{}/www/none", "www/none-by-link")
	s.link("{}/www/passage", "www/passage-by-link")
	s.must(os.Chmod(filepath.Dir(s.dir), 0o755))
	r := s.root()
	asNobody(t, func() {
		wantError(t, "a file without permission", r, "none", ErrForbidden)
		wantError(t, "the same by an absolute link", r, "none-by-link", ErrForbidden)
		wantError(t, "in a folder without permission", r, "closed/a", ErrForbidden)
		wantText(t, "in a folder that may be passed", r, "passage/a", "a")
		wantFolder(t, "that folder itself", r, "passage")
		if os.Getuid() == 0 {
			wantFolder(t, "that folder by an absolute link", r, "passage-by-link")
		}
	})
}

// asNobody runs f without root's way past permissions.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// The file system uid is this thread's alone (setfsuid(2)).
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setfsuid(0); err != nil {
			t.Error(err)
		}
	}()
	f()
}

func TestX15ASwitchedSymlinkNeverLeaks(t *testing.T) {
	s := newSite(t)
	s.file("www/real", "inside")
	s.file("media/a", "inside")
	s.file("secret", "outside")
	for _, tt := range []struct{ about, inside string }{
		{"between a file of the root and one outside", "real"},
		{"between an allowed folder and outside", "{}/media/a"},
	} {
		s.link(tt.inside, "inside-link")
		s.link("{}/secret", "outside-link")
		s.must(os.Link(s.path("inside-link"), s.path("www/link")))
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				from := []string{"outside-link", "inside-link"}[i%2]
				_ = os.Remove(s.path("next"))
				_ = os.Link(s.path(from), s.path("next"))
				_ = os.Rename(s.path("next"), s.path("www/link"))
			}
		}()
		r := s.root("media")
		for range 2000 {
			f, err := r.Open("link")
			if err != nil {
				if !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrBusy) {
					t.Errorf("%s: %v", tt.about, err)
				}
				continue
			}
			var buffer [16]byte
			n, _ := unix.Pread(f.FD, buffer[:], 0)
			f.Close()
			if got := string(buffer[:n]); got != "inside" {
				t.Fatalf("%s: Open gave %q", tt.about, got)
			}
		}
		close(stop)
		<-done
		for _, name := range []string{"www/link", "inside-link", "outside-link"} {
			s.must(os.Remove(s.path(name)))
		}
	}
}

func TestOpenLeavesNoDescriptorBehind(t *testing.T) {
	s := newSite(t)
	s.file("www/a", "a")
	s.file("secret", "outside")
	s.link("{}/secret", "www/out")
	s.link("{}/www/a", "www/in")
	s.must(unix.Mkfifo(s.path("www/fifo"), 0o644))
	r := s.root("media")
	before := descriptors(t)
	for range 20 {
		for _, name := range []string{"a", "", "out", "in", "fifo", "missing", "..", "a/b"} {
			if f, err := r.Open(name); err == nil {
				f.Close()
			}
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors are open, want %d as before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.css"), []byte("a"), 0o644); err != nil {
		b.Fatal(err)
	}
	r := NewRoot(dir, nil)
	b.ReportAllocs()
	for b.Loop() {
		f, err := r.Open("a.css")
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
