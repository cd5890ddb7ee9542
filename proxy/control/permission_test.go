package control

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/webstack/webstack/integration/unrun"
)

// TestX21WhoMayAsk connects as other users: a thread of this process takes their
// ids, which in Linux are a thread's own, and is thrown away.
func TestX21WhoMayAsk(t *testing.T) {
	if os.Geteuid() != 0 {
		unrun.Skip(t, "it takes other users' ids, which needs root")
	}
	const admins, proxy, agent, nobody = 4242, 4243, 4244, 65534
	tests := []struct {
		name     string
		mode     os.FileMode
		uid, gid int
		groups   []uint32
		status   string // of the answer
		err      error
	}{
		{name: "root", mode: socketMode, status: "200"},
		{name: "the agent, whose group is among its others", mode: socketMode, uid: agent, gid: agent, groups: []uint32{7, admins}, status: "200"},
		{name: "a member by the primary group", mode: socketMode, uid: nobody, gid: admins, status: "200"},
		{name: "the proxy's own user, whose the socket is", mode: socketMode, uid: proxy, gid: proxy, status: "403"},
		{name: "nobody cannot connect", mode: socketMode, uid: nobody, gid: nobody, err: unix.EACCES},
		{name: "nor is answered where the mode lets in everybody", mode: 0o666, uid: nobody, gid: nobody, groups: []uint32{7}, status: "403"},
	}
	f := newFakeProxy()
	path := serve(t, f, Access{Group: admins, User: -1})
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// As a service it is not root that makes the socket.
	if err := os.Chown(path, proxy, -1); err != nil {
		t.Fatal(err)
	}
	if err := Share(path, admins); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			var err error
			answers := map[string]string{}
			done := make(chan struct{})
			go func() {
				defer close(done)
				runtime.LockOSThread() // never unlocked: the thread dies with this
				if err = become(tt.uid, tt.gid, tt.groups); err != nil {
					return
				}
				for _, request := range []string{
					"GET /v1/status HTTP/1.0\r\n\r\n",
					"POST /v1/drain HTTP/1.0\r\nContent-Length: 23\r\n\r\n{\"instance\":\"app@8020\"}",
				} {
					answers[request], err = ask(path, request)
				}
			}()
			<-done
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			for request, answer := range answers {
				if !strings.HasPrefix(answer, tt.status) {
					t.Errorf("%.16s: got %q, want %q", request, answer, tt.status)
				}
			}
			if drained, may := f.asked != nil, tt.status == "200"; drained != may {
				t.Errorf("it was drained: %v, want %v", drained, may)
			}
			f.asked = nil
		})
	}
}

// become changes this thread's ids alone, which is why it does not use the
// functions that change the process's.
func become(uid, gid int, groups []uint32) error {
	var first unsafe.Pointer
	if len(groups) > 0 {
		first = unsafe.Pointer(&groups[0])
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(first), 0); errno != 0 {
		return fmt.Errorf("setgroups: %w", errno)
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(gid), uintptr(gid), uintptr(gid)); errno != 0 {
		return fmt.Errorf("setresgid: %w", errno)
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
		return fmt.Errorf("setresuid: %w", errno)
	}
	return nil
}

// ask connects on this thread and gives the answer's status and rest.
func ask(path, request string) (string, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	if _, err := io.WriteString(f, request); err != nil {
		return "", err
	}
	data, err := io.ReadAll(f)
	return strings.TrimPrefix(string(data), "HTTP/1.0 "), err
}
