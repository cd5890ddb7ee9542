package accesslog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// quiet is an error log whose text the test can read.
func quiet() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewTextHandler(&text, nil)), &text
}

// opened is a log to that destination.
func opened(t *testing.T, destination string, f Format) *Log {
	t.Helper()
	errors, _ := quiet()
	l := New(errors)
	if err := l.Configure(destination, f); err != nil {
		t.Fatal(err)
	}
	return l
}

// say writes an entry with that target.
func say(h *Handle, target string) {
	h.Write(&Entry{Time: noon, Method: "GET", Target: target, Minor: 1, Status: 200})
}

// writeOut does what the writer does when it is rung.
func (l *Log) writeOut() {
	for l.round() {
	}
	l.closeRetired()
}

// targets are the targets of the lines in a file.
func targets(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		list = append(list, fields[6])
	}
	return strings.Join(list, " ")
}

func wantTargets(t *testing.T, path, want string) {
	t.Helper()
	if got := targets(t, path); got != want {
		t.Errorf("%s holds %q, want %q", filepath.Base(path), got, want)
	}
}

func TestEntriesReachTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	if err := os.WriteFile(path, []byte("a b c d e f /before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := opened(t, path, Combined)
	h := l.Handle()
	if h.Pending() {
		t.Error("pending, and nothing was written")
	}
	say(h, "/a")
	say(h, "/b")
	if !h.Pending() {
		t.Error("nothing is pending")
	}
	h.Flush(noon.Add(FlushAge - 1))
	l.writeOut()
	wantTargets(t, path, "/before")
	h.Flush(noon.Add(FlushAge))
	l.writeOut()
	wantTargets(t, path, "/before /a /b")
	if h.Pending() || l.Dropped() != 0 {
		t.Errorf("pending %v and %d dropped at the end, want neither", h.Pending(), l.Dropped())
	}
}

func TestABigBufferIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	l := opened(t, path, Combined)
	h := l.Handle()
	for range handBytes / 100 {
		say(h, "/"+strings.Repeat("x", 100))
	}
	h.Flush(noon)
	if h.Pending() {
		t.Error("the buffer was not handed over")
	}
}

func TestReopenFollowsARename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	l := opened(t, path, Combined)
	h := l.Handle()
	say(h, "/a")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	say(h, "/b")
	h.Finish()
	l.writeOut()
	h.Finish()
	l.writeOut()
	wantTargets(t, path+".1", "/a")
	wantTargets(t, path, "/b")
	if n := len(l.retired); n != 0 {
		t.Errorf("%d retired files are open, want none", n)
	}
}

func TestOneFileHoldsOneFormat(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, filepath.Join(dir, "combined"), Combined)
	h := l.Handle()
	say(h, "/a")
	if err := l.Configure(filepath.Join(dir, "json"), JSON); err != nil {
		t.Fatal(err)
	}
	say(h, "/b")
	if err := l.Configure("off", Combined); err != nil {
		t.Fatal(err)
	}
	say(h, "/c")
	for range 2 {
		h.Finish()
		l.writeOut()
	}
	wantTargets(t, filepath.Join(dir, "combined"), "/a")
	text, err := os.ReadFile(filepath.Join(dir, "json"))
	if got := string(text); err != nil || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"target":"/b"`) {
		t.Errorf("the JSON file holds %q, %v; want /b alone", got, err)
	}
}

func TestWhatCannotBeOpenedChangesNothing(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "access.log")
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	l := opened(t, good, Combined)
	for destination, want := range map[string]string{
		link:                                   "cannot open the access log " + link + ": it is a symbolic link",
		pipe:                                   "cannot open the access log " + pipe + ": nobody reads that pipe",
		dir:                                    "cannot open the access log " + dir + ": is a directory",
		filepath.Join(dir, "missing", "x.log"): "no such file or directory",
	} {
		err := l.Configure(destination, JSON)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	l.journalSocket = filepath.Join(dir, "none")
	if err := l.Configure("journal", JSON); err == nil || !strings.Contains(err.Error(), "cannot reach the journal") {
		t.Errorf("got %v, want that the journal cannot be reached", err)
	}
	h := l.Handle()
	say(h, "/a")
	h.Finish()
	l.writeOut()
	wantTargets(t, good, "/a")
}

func TestANewFileIsForTheProxyAndItsGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	opened(t, path, Combined)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got&^fileMode != 0 {
		t.Errorf("mode %o, want at most %o", got, fileMode)
	}
}

func TestAStuckDestinationDropsAndCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	errors, text := quiet()
	l := New(errors)
	if err := l.Configure(path, Combined); err != nil {
		t.Fatal(err)
	}
	h := l.Handle()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })

	// Nobody reads: a pipe's worth and two buffers go in, and then no more,
	// but every Write returns.
	const entries = 20000
	for i := range entries {
		say(h, fmt.Sprintf("/%d", i))
		h.Flush(noon)
	}
	dropped := int(l.Dropped())
	if dropped == 0 || dropped == entries {
		t.Fatalf("%d of %d were dropped, want some", dropped, entries)
	}
	// Somebody reads: what was not dropped is whole and in order.
	lines := make(chan []string)
	go func() {
		data, _ := io.ReadAll(reader)
		lines <- strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}()
	stop()
	running.Wait()
	if err := l.Configure("off", Combined); err != nil {
		t.Fatal(err)
	}
	l.writeOut() // closes the pipe
	got := <-lines
	if len(got)+dropped != entries {
		t.Errorf("%d lines came and %d were dropped of %d", len(got), dropped, entries)
	}
	last := -1
	for _, line := range got {
		var n int
		if _, err := fmt.Sscanf(line[strings.Index(line, `"GET /`):], `"GET /%d HTTP/1.1" 200 0 "-" "-"`, &n); err != nil || n <= last {
			t.Fatalf("after %d came %q: %v", last, line, err)
		}
		last = n
	}
	if want := fmt.Sprintf("entries=%d destination=%s", dropped, path); !strings.Contains(text.String(), want) {
		t.Errorf("the error log says %q, want %q", text, want)
	}
}

func TestRunEndsThoughTheDestinationIsStuck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	l := opened(t, path, Combined)
	l.drainTime = time.Millisecond
	h := l.Handle()
	for range 2000 {
		say(h, "/"+strings.Repeat("x", 100))
		h.Flush(noon)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	l.Run(ctx)
}

// fullDisk fails after some bytes.
type fullDisk struct {
	bytes.Buffer
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n, _ := d.Buffer.Write(p[:d.room])
		d.room = 0
		return n, syscall.ENOSPC
	}
	d.room -= len(p)
	return d.Buffer.Write(p)
}

func (*fullDisk) Close() error { return nil }

func TestAFullDiskTearsOneLine(t *testing.T) {
	disk := &fullDisk{room: 25}
	s := &sink{lines: disk}
	lost, err := s.write([]byte("first line of 20 byt\nsecond\nthird\n"), 3)
	if lost != 2 || err == nil {
		t.Errorf("lost %d, %v; want the second and the third", lost, err)
	}
	if lost, err := s.write([]byte("fourth\n"), 1); lost != 1 || err == nil {
		t.Errorf("lost %d, %v; want the fourth, there is still no room", lost, err)
	}
	disk.room = 100
	if lost, err := s.write([]byte("fifth\n"), 1); lost != 0 || err != nil {
		t.Errorf("lost %d, %v; want none", lost, err)
	}
	if got, want := disk.String(), "first line of 20 byt\nseco\nfifth\n"; got != want {
		t.Errorf("the disk holds %q, want %q", got, want)
	}
}

// journald listens where a journal would.
func journald(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func receive(t *testing.T, conn *net.UnixConn) []string {
	t.Helper()
	datagram := make([]byte, 64<<10)
	n, err := conn.Read(datagram)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(datagram[:n]), "\n"), "\n")
}

func TestTheJournalGetsFields(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	conn := journald(t, socket)
	errors, _ := quiet()
	l := New(errors)
	l.journalSocket = socket
	if err := l.Configure("journal", Combined); err != nil {
		t.Fatal(err)
	}
	h := l.Handle()
	h.Write(ordinary())
	say(h, "/second\n_UID=0")
	h.Finish()
	l.writeOut()
	got := receive(t, conn)
	for _, want := range []string{
		"MESSAGE=203.0.113.7 GET /static/a%20b.css?v=1 200", "PRIORITY=6", "SYSLOG_IDENTIFIER=webstack",
		"WEBSTACK_STATUS=200", "WEBSTACK_INSTANCE=app@8021", "WEBSTACK_USER_AGENT=Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101",
		"WEBSTACK_TOTAL=2.003000", "WEBSTACK_FIRST_BYTE=0.001234",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the entry lacks %s: %q", want, got)
		}
	}
	got = receive(t, conn)
	if want := `WEBSTACK_TARGET=/second\u000a_UID=0`; !slices.Contains(got, want) {
		t.Errorf("the entry lacks %s: %q", want, got)
	}

	// journald is started anew: what was sent between is lost and counted.
	conn.Close()
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	say(h, "/third")
	say(h, "/fourth")
	h.Finish()
	l.writeOut()
	if got, want := l.Dropped(), uint64(2); got != want {
		t.Errorf("%d dropped, want %d", got, want)
	}
	conn = journald(t, socket)
	say(h, "/fifth")
	h.Finish()
	l.writeOut()
	if got := receive(t, conn); !slices.Contains(got, "WEBSTACK_TARGET=/fifth") {
		t.Errorf("after the restart came %q, want /fifth", got)
	}
}

func TestLoopsAndReloadsAtOnce(t *testing.T) {
	const loops, entries = 4, 3000
	dir := t.TempDir()
	l := opened(t, filepath.Join(dir, "0"), Combined)
	ctx, stop := context.WithCancel(t.Context())
	var running, writing sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	for range loops {
		h := l.Handle()
		writing.Go(func() {
			for range entries {
				say(h, "/a")
				h.Flush(noon.Add(FlushAge))
			}
		})
	}
	for i := range 20 {
		if err := l.Configure(filepath.Join(dir, fmt.Sprint(i%3)), Combined); err != nil {
			t.Error(err)
		}
	}
	writing.Wait()
	stop()
	running.Wait()
	lines := 0
	for i := range 3 {
		lines += len(strings.Fields(targets(t, filepath.Join(dir, fmt.Sprint(i)))))
	}
	if got := lines + int(l.Dropped()); got != loops*entries {
		t.Errorf("%d lines and %d dropped, want %d in all", lines, l.Dropped(), loops*entries)
	}
}

func TestWritingDoesNotAllocate(t *testing.T) {
	l := opened(t, filepath.Join(t.TempDir(), "access.log"), Combined)
	h, e := l.Handle(), ordinary()
	got := testing.AllocsPerRun(2000, func() {
		h.Write(e)
		h.Flush(noon)
		l.writeOut()
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

func BenchmarkWrite(b *testing.B) {
	errors, _ := quiet()
	l := New(errors)
	if err := l.Configure(filepath.Join(b.TempDir(), "access.log"), Combined); err != nil {
		b.Fatal(err)
	}
	h, e := l.Handle(), ordinary()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go l.Run(ctx)
	b.ReportAllocs()
	for b.Loop() {
		h.Write(e)
		h.Flush(noon)
	}
	b.ReportMetric(float64(l.Dropped()), "dropped")
}

func BenchmarkFlushOfNothing(b *testing.B) {
	errors, _ := quiet()
	h := New(errors).Handle()
	for b.Loop() {
		h.Flush(noon)
	}
}
