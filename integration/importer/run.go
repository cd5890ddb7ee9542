package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// side is one of the two servers while it runs.
type side struct {
	name string
	cmd  *exec.Cmd
	out  *lockedBuffer
	done chan struct{}
}

// lockedBuffer collects what a process says while others look at it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs a server in a process group of its own.
func start(name string, argv ...string) (*side, error) {
	s := &side{name: name, cmd: exec.Command(argv[0], argv[1:]...), out: &lockedBuffer{}, done: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// stop ends the server and all that it started.
func (s *side) stop() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// pollEvery is how often a port is tried that is not open yet.
const pollEvery = 5 * time.Millisecond

// answers waits until a server accepts on a port.
func (s *side) answers(ctx context.Context, port int) error {
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.done:
			return fmt.Errorf("%s has ended:\n%s", s.name, s.out)
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s does not answer on port %d:\n%s", s.name, port, s.out), ctx.Err())
		case <-time.After(pollEvery):
		}
	}
}

// httpBlock is where the http block begins.
var httpBlock = regexp.MustCompile(`(?m)(^|[\s}])http\s*\{`)

// nginxConf makes what nginx is started with out of a configuration: all that
// it writes goes into folder.
func nginxConf(conf, folder string) string {
	var own strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&own, " %s_temp_path %s;", kind, filepath.Join(folder, kind))
	}
	open := httpBlock.FindStringIndex(conf)[1]
	if head, _, _ := strings.Cut(conf[open:], "server"); !strings.Contains(head, "access_log") {
		own.WriteString(" access_log off;")
	}
	if !strings.Contains(conf, "types {") {
		// What the mime.types of every distribution has of the test's files.
		own.WriteString(" types { text/html html; text/css css; text/plain txt; application/json json; image/x-icon ico; }")
	}
	return conf[:open] + own.String() + conf[open:]
}

// startNginx runs nginx with a configuration.
func startNginx(program, conf, folder string) (*side, error) {
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(nginxConf(conf, folder)), 0o644); err != nil {
		return nil, err
	}
	log := filepath.Join(folder, "nginx-error.log")
	own := fmt.Sprintf("daemon off; pid %s;", filepath.Join(folder, "nginx.pid"))
	if os.Geteuid() == 0 {
		own += " user root;" // or its workers could not read the test's folder
	}
	return start("nginx", program, "-c", file, "-p", folder, "-e", log, "-g", own)
}
