package control

import (
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxPeerGroups bounds the groups that are asked for: NGROUPS_MAX of Linux
// (credentials(7)).
const maxPeerGroups = 65536

// peer is who is at the other end of a connection, as the kernel recorded it
// when that connected.
type peer struct {
	uid    uint32
	groups []uint32
}

// peerOf asks the kernel. SO_PEERCRED has the primary group alone, so the
// supplementary ones are asked for too (SO_PEERGROUPS, Linux 4.13).
func peerOf(c *net.UnixConn) (peer, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return peer{}, err
	}
	var p peer
	var failed error
	err = raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); failed != nil {
			return
		}
		p.uid = cred.Uid
		p.groups, failed = peerGroups(fd)
		p.groups = append(p.groups, cred.Gid)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return peer{}, fmt.Errorf("cannot tell who is connecting: %w", err)
	}
	return p, nil
}

func peerGroups(fd uintptr) ([]uint32, error) {
	groups := make([]uint32, 64)
	for {
		size := uint32(len(groups) * 4)
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(&groups[0])), uintptr(unsafe.Pointer(&size)), 0)
		switch {
		case errno == unix.ERANGE && len(groups) < maxPeerGroups:
			groups = make([]uint32, len(groups)*2)
		case errno == unix.ENOPROTOOPT:
			return nil, nil // the primary group has to do
		case errno != 0:
			return nil, errno
		default:
			return groups[:size/4], nil
		}
	}
}
