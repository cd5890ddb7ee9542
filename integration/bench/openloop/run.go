package openloop

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// drainTimeout is for the answers that are under way at the end.
	drainTimeout = 5 * time.Second
	// headRoom is for the head and the body of an answer.
	answerRoom = 256 << 10
	batch      = 256
)

// ErrOverrun is that of a server which does not answer as many as it is asked.
var ErrOverrun = errors.New("the rate is too high for this server")

// Options describe a run.
type Options struct {
	Address     netip.AddrPort
	Request     []byte
	Connections int
	// PerSecond is the rate.
	PerSecond int
	For       time.Duration
}

// client is one connection.
type client struct {
	fd   int
	due  time.Duration // of the request under way
	busy bool
	got  int    // octets of the answer
	want int    // its length, 0 until the head is there
	head []byte // pieces of a head
}

type run struct {
	Options
	epoll     int
	clients   []*client // by descriptor
	free      []*client
	scratch   []byte
	begun     time.Time
	latencies []time.Duration
}

// Run connects, makes the requests as they are due and returns when each has
// its answer. The first thing that goes wrong ends it.
func Run(o Options) (Summary, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Wake when asked to, not some 50 us later: PR_SET_TIMERSLACK(2const).
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return Summary{}, err
	}
	r := &run{Options: o, scratch: make([]byte, answerRoom)}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return Summary{}, err
	}
	r.epoll = epoll
	defer unix.Close(epoll)
	defer func() {
		for _, c := range r.clients {
			if c != nil {
				unix.Close(c.fd)
			}
		}
	}()
	for range o.Connections {
		if err := r.connect(); err != nil {
			return Summary{}, fmt.Errorf("cannot connect to %s: %w", o.Address, err)
		}
	}
	err = r.loop()
	if err != nil && !errors.Is(err, ErrOverrun) {
		return Summary{}, err
	}
	return summarize(r.latencies), err
}

func (r *run) connect() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for fd >= len(r.clients) {
		r.clients = append(r.clients, nil)
	}
	c := &client{fd: fd}
	r.clients[fd] = c
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(r.Address.Port()), Addr: r.Address.Addr().As4()}); err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	r.free = append(r.free, c)
	return unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// loop is the schedule: next is the number of the first request that has not
// been sent.
func (r *run) loop() error {
	interval := time.Second / time.Duration(r.PerSecond)
	total := int(r.For / interval)
	if total == 0 {
		return errors.New("the run is too short for one request")
	}
	r.latencies = make([]time.Duration, 0, total)
	events := make([]unix.EpollEvent, batch)
	r.begun = time.Now()
	for next := 0; len(r.latencies) < total; {
		now := time.Since(r.begun)
		if now > r.For+drainTimeout {
			return fmt.Errorf("%w: %d of %d requests have no answer %s after the last was due", ErrOverrun, total-len(r.latencies), total, drainTimeout)
		}
		for next < total && len(r.free) > 0 {
			due := time.Duration(next) * interval
			if due > now {
				break
			}
			if err := r.send(due); err != nil {
				return err
			}
			next++
		}
		wait := drainTimeout
		if next < total && len(r.free) > 0 {
			wait = max(time.Duration(next)*interval-time.Since(r.begun), 0)
		}
		n, err := epollWait(r.epoll, events, wait)
		if err != nil {
			return fmt.Errorf("cannot wait: %w", err)
		}
		for _, e := range events[:n] {
			if err := r.receive(r.clients[e.Fd]); err != nil {
				return err
			}
		}
	}
	return nil
}

// epollWait waits with the precision of epoll_pwait2(2).
func epollWait(epoll int, events []unix.EpollEvent, wait time.Duration) (int, error) {
	ts := unix.NsecToTimespec(wait.Nanoseconds())
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epoll),
		uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	switch {
	case errno == unix.EINTR:
		return 0, nil
	case errno != 0:
		return 0, errno
	}
	return int(n), nil
}

func (r *run) send(due time.Duration) error {
	c := r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	c.due, c.busy = due, true
	for {
		n, err := unix.SendmsgN(c.fd, r.Request, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("cannot send a request: %w", err)
		case n < len(r.Request):
			return errors.New("cannot send a request at once")
		}
		return nil
	}
}

// receive takes what has come.
func (r *run) receive(c *client) error {
	n, err := unix.Read(c.fd, r.scratch)
	switch {
	case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
		return nil
	case err != nil:
		return fmt.Errorf("cannot read an answer: %w", err)
	case n == 0:
		return errors.New("the server ended a connection")
	case !c.busy:
		return errors.New("the server said what nobody asked for")
	}
	data := r.scratch[:n]
	if c.want == 0 {
		c.head = append(c.head, data...)
		length, err := answerLength(c.head)
		if err != nil {
			return err
		}
		if length == 0 {
			return nil
		}
		c.want, c.got = length, len(c.head)
		c.head = c.head[:0]
	} else {
		c.got += n
	}
	switch {
	case c.got > c.want:
		return fmt.Errorf("an answer of %d octets has %d more", c.want, c.got-c.want)
	case c.got == c.want:
		r.latencies = append(r.latencies, time.Since(r.begun)-c.due)
		c.busy, c.want = false, 0
		r.free = append(r.free, c)
	}
	return nil
}

var (
	headEnd  = []byte("\r\n\r\n")
	ok200    = []byte("HTTP/1.1 200 ")
	lengthOf = []byte("\r\ncontent-length: ")
)

// answerLength is that of head and body, 0 while the head is not whole.
func answerLength(answer []byte) (int, error) {
	end := bytes.Index(answer, headEnd)
	if end < 0 {
		if len(answer) > answerRoom {
			return 0, errors.New("a head has no end")
		}
		return 0, nil
	}
	if !bytes.HasPrefix(answer, ok200) {
		return 0, fmt.Errorf("an answer is not a 200: %q", answer[:end])
	}
	at := indexFold(answer[:end+2], lengthOf)
	if at < 0 {
		return 0, fmt.Errorf("an answer has no Content-Length: %q", answer[:end])
	}
	digits, _, _ := bytes.Cut(answer[at+len(lengthOf):end+2], headEnd[:2])
	length, err := strconv.Atoi(string(digits))
	if err != nil {
		return 0, fmt.Errorf("an answer has a wrong Content-Length: %w", err)
	}
	return end + len(headEnd) + length, nil
}

// indexFold finds text, which is lower-case, in any case.
func indexFold(in, text []byte) int {
	for i := 0; i+len(text) <= len(in); i++ {
		if in[i] == text[0] && bytes.EqualFold(in[i:i+len(text)], text) {
			return i
		}
	}
	return -1
}
