package open

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReadNow reads like pread(2) what is in memory and waits for no disk: ErrCold
// where the first byte is not there, fewer bytes where a later one is not. 0
// is the end of the file. File systems that cannot tell may wait.
func ReadNow(fd int, buffer []byte, offset int64) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	n, errno := readNow(fd, &buffer[0], len(buffer), offset)
	switch errno {
	case 0:
		return n, nil
	case unix.EAGAIN:
		return 0, ErrCold
	case unix.EOPNOTSUPP:
		err := retry(func() error {
			var err error
			n, err = unix.Pread(fd, buffer, offset)
			return err
		})
		return n, err
	}
	return 0, errno
}

// Resident says whether the first and the last byte of a stretch of a file
// are in memory, so that sendfile(2) will hardly wait for the disk: what is
// between them was mostly read with them. It is true for a file system that
// cannot tell. It costs two system calls: ask for a stretch of MaxWarm, which
// is also what Warm makes resident, and then send that in as many pieces as it
// takes.
func Resident(fd int, offset, length int64) bool {
	return length <= 0 || isResident(fd, offset) && isResident(fd, offset+length-1)
}

func isResident(fd int, offset int64) bool {
	var one byte
	_, errno := readNow(fd, &one, 1, offset)
	return errno != unix.EAGAIN
}

// readNow is preadv2(2) with RWF_NOWAIT, Linux 4.14. It is a raw call: it does
// not block, so the runtime need not know.
func readNow(fd int, base *byte, length int, offset int64) (int, unix.Errno) {
	vector := unix.Iovec{Base: base}
	vector.SetLen(length)
	for {
		// The offset comes in two halves; where one register holds it whole,
		// the kernel ignores the second.
		n, _, errno := unix.RawSyscall6(unix.SYS_PREADV2, uintptr(fd), uintptr(unsafe.Pointer(&vector)), 1,
			uintptr(offset), uintptr(uint64(offset)>>32), unix.RWF_NOWAIT)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

// MaxWarm is the most that one Warm reads: enough for a large send buffer to
// drain while the next stretch is read, and little enough that the page cache
// is not filled for a client that has gone.
const MaxWarm = 2 << 20

// Warm reads a stretch of a file into memory, at most MaxWarm of it, on
// another thread than the loop's. The entry must not be released before it
// returns. Errors are left to whoever sends the stretch.
func Warm(fd int, offset, length int64) {
	length = min(length, MaxWarm)
	// All of it is asked for at once, then each page is waited for.
	_ = unix.Fadvise(fd, offset, length, unix.FADV_WILLNEED)
	page := int64(os.Getpagesize())
	var one [1]byte
	for at := offset - offset%page; at < offset+length; at += page {
		if n, err := unix.Pread(fd, one[:], at); err != nil || n == 0 {
			return
		}
	}
}
