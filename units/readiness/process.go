package readiness

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// errGone says that a process is no more.
var errGone = errors.New("the process is gone")

// process is a process that is not a child of ours.
type process struct {
	pid int
	fd  int
	// gone is closed when it has ended.
	gone chan struct{}
	// quit is written to when nobody wants to know any more.
	quit  [2]int
	watch sync.WaitGroup
}

// holdProcess opens a process; from then on its pid cannot mean another one.
func holdProcess(pid int) (*process, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil, errGone
	}
	if err != nil {
		return nil, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	p := &process{pid: pid, fd: fd, gone: make(chan struct{})}
	if err := unix.Pipe2(p.quit[:], unix.O_CLOEXEC); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	p.watch.Go(p.wait)
	return p, nil
}

// wait closes gone when the pidfd is readable: the process has ended
// (pidfd_open(2)).
func (p *process) wait() {
	fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}, {Fd: int32(p.quit[0]), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil && fds[0].Revents != 0 {
			close(p.gone)
		}
		return
	}
}

func (p *process) close() {
	unix.Close(p.quit[1])
	p.watch.Wait()
	unix.Close(p.quit[0])
	unix.Close(p.fd)
}
