package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// socketMode lets owner and group connect; connecting needs write permission
// (unix(7)).
const socketMode = 0o660

// probeTimeout bounds the question whether a socket that is there already is
// anybody's.
const probeTimeout = time.Second

// Listen makes the control socket. A socket that a dead proxy left is
// replaced; one that answers, and a file that is no socket, is an error.
func Listen(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot make the control socket: %w", err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		l.Close()
		return nil, fmt.Errorf("cannot make the control socket: %w", err)
	}
	return l, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look at the control socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("cannot make the control socket: %s is there and is not a socket", path)
	}
	c, err := net.DialTimeout("unix", path, probeTimeout)
	if err == nil {
		c.Close()
		return fmt.Errorf("cannot make the control socket: another proxy answers at %s", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("cannot tell whose the control socket is: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the control socket of a proxy that is gone: %w", err)
	}
	return nil
}

// Share gives the socket to a group. In a folder with the setgid bit it has
// its group already; otherwise only root, or a member of the group, can.
func Share(path string, gid int) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("cannot share the control socket: %w", err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int64(st.Gid) == int64(gid) {
		return nil
	}
	if err := os.Lchown(path, -1, gid); err != nil {
		return fmt.Errorf("cannot give the control socket to group %d: %w", gid, err)
	}
	return nil
}
