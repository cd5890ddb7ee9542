package open

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// bigFile is a file of many pages, on disk and in memory.
func bigFile(t *testing.T) (fd int, text []byte) {
	t.Helper()
	text = bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	name := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd, text
}

// evict takes a file out of memory, where the file system can.
func evict(t *testing.T, fd int) {
	t.Helper()
	if err := unix.Fsync(fd); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	if Resident(fd, 0, 1) {
		t.Skip("this file system keeps its files in memory, or cannot tell")
	}
}

func TestReadNow(t *testing.T) {
	fd, text := bigFile(t)
	buffer := make([]byte, 1000)
	for _, tt := range []struct {
		about  string
		offset int64
		want   int
	}{
		{"the beginning", 0, 1000},
		{"across pages", 4000, 1000},
		{"the end", int64(len(text)) - 10, 10},
		{"behind the end", int64(len(text)), 0},
	} {
		n, err := ReadNow(fd, buffer, tt.offset)
		if err != nil || n != tt.want || !bytes.Equal(buffer[:n], text[tt.offset:tt.offset+int64(n)]) {
			t.Errorf("%s: got %d bytes, %v, want %d", tt.about, n, err, tt.want)
		}
	}
	if n, err := ReadNow(fd, nil, 0); n != 0 || err != nil {
		t.Errorf("no buffer: got %d, %v", n, err)
	}
	if _, err := ReadNow(-1, buffer, 0); err != unix.EBADF {
		t.Errorf("no descriptor: got %v, want %v", err, unix.EBADF)
	}
	if !Resident(fd, 0, int64(len(text))) || !Resident(fd, 5, 0) {
		t.Error("a file that was just written is not resident")
	}
	if got := testing.AllocsPerRun(10, func() {
		_, _ = ReadNow(fd, buffer, 0)
		Resident(fd, 0, 1000)
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func TestWarm(t *testing.T) {
	fd, text := bigFile(t)
	size := int64(len(text))
	evict(t, fd)
	var one [1]byte
	if n, err := ReadNow(fd, one[:], size-1); err != ErrCold {
		t.Errorf("a file that is not in memory: got %d, %v, want %v", n, err, ErrCold)
	}
	Warm(fd, 5, size)
	for at := int64(0); at < size; at += 4096 {
		if !Resident(fd, at, 1) {
			t.Fatalf("the page at %d of %d is still on disk", at, size)
		}
	}
	Warm(-1, 0, size)
	Warm(fd, size, 10)
}

func BenchmarkResident(b *testing.B) {
	name := filepath.Join(b.TempDir(), "a")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o644); err != nil {
		b.Fatal(err)
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	b.ReportAllocs()
	for b.Loop() {
		if !Resident(fd, 0, 1<<20) {
			b.Fatal("not resident")
		}
	}
}
