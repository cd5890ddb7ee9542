package activation

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sendTimeout bounds a message to PID 1. Its socket's queue is full only
// while PID 1 itself is stuck.
const sendTimeout = 5 * time.Second

// Notifier tells systemd about the state of the process, see sd_notify(3).
// One without a socket says nothing and never fails: the process was not
// started by systemd, or not as Type=notify.
type Notifier struct {
	socket    string
	monotonic func() (time.Duration, error)
}

// NewNotifier takes the socket out of the environment, so that no child of
// the process speaks in its name.
func NewNotifier(env Env) (*Notifier, error) {
	n := &Notifier{socket: env.Get("NOTIFY_SOCKET"), monotonic: env.Monotonic}
	// "@" is an abstract socket, which package net takes by the same sign.
	if n.socket != "" && n.socket[0] != '/' && n.socket[0] != '@' {
		return nil, fmt.Errorf("cannot notify systemd: NOTIFY_SOCKET is %q", n.socket)
	}
	return n, env.Unset("NOTIFY_SOCKET")
}

// Enabled reports whether somebody listens.
func (n *Notifier) Enabled() bool { return n.socket != "" }

// Ready ends a start or a reload.
func (n *Notifier) Ready(status string) error { return n.send("READY=1", statusLine(status)) }

// Reloading begins a reload, which Ready ends. The time lets systemd tell it
// from an earlier one (Type=notify-reload).
func (n *Notifier) Reloading() error {
	if !n.Enabled() {
		return nil
	}
	now, err := n.monotonic()
	if err != nil {
		return fmt.Errorf("cannot read the monotonic clock: %w", err)
	}
	return n.send("RELOADING=1", "MONOTONIC_USEC="+microseconds(now))
}

// Stopping begins the end. The watchdog has to go on meanwhile.
func (n *Notifier) Stopping(status string) error { return n.send("STOPPING=1", statusLine(status)) }

// Status is the line that systemctl status shows.
func (n *Notifier) Status(status string) error { return n.send(statusLine(status)) }

// MainPID hands the unit over to another process of it. With
// NotifyAccess=main only the old one may say so.
func (n *Notifier) MainPID(pid int) error { return n.send("MAINPID=" + strconv.Itoa(pid)) }

// Extend asks for more time, from now, than the unit's timeout of starting or
// stopping leaves. It must be repeated before that is over.
func (n *Notifier) Extend(d time.Duration) error {
	return n.send("EXTEND_TIMEOUT_USEC=" + microseconds(d))
}

// Alive feeds the watchdog.
func (n *Notifier) Alive() error { return n.send("WATCHDOG=1") }

// Barrier returns when systemd has read everything that was sent before, or
// when the deadline is over. A process that is about to end and whose last
// message counts must wait for it: systemd finds out who has sent a message
// by its pid.
func (n *Notifier) Barrier(deadline time.Time) error {
	if !n.Enabled() {
		return nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot make a barrier: %w", err)
	}
	defer r.Close()
	// The fd is only lent to sendmsg; systemd closes its copy when it gets
	// to the message, and the pipe ends when ours is closed too.
	err = n.write("BARRIER=1", unix.UnixRights(int(w.Fd())))
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	if err := r.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("cannot wait for the barrier: %w", err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("systemd has not read its messages in time: %w", err)
	}
	return nil
}

func (n *Notifier) send(assignments ...string) error {
	return n.write(strings.Join(assignments, "\n"), nil)
}

func (n *Notifier) write(message string, rights []byte) error {
	if !n.Enabled() {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("cannot notify systemd: %w", err)
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return fmt.Errorf("cannot notify systemd: %w", err)
	}
	if err := sendmsg(conn, []byte(message), rights); err != nil {
		return fmt.Errorf("cannot notify systemd: %w", err)
	}
	return nil
}

// sendmsg is WriteMsgUnix, which package net has for unconnected datagram
// sockets only.
func sendmsg(conn *net.UnixConn, message, rights []byte) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var sendErr error
	err = raw.Write(func(fd uintptr) bool {
		sendErr = unix.Sendmsg(int(fd), message, rights, nil, unix.MSG_NOSIGNAL)
		return !errors.Is(sendErr, unix.EAGAIN)
	})
	return errors.Join(err, sendErr)
}

// statusLine keeps a text to its own line: the next would be an assignment.
func statusLine(text string) string {
	return "STATUS=" + strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}

func microseconds(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
