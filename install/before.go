package install

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/webstack/webstack/install/spec"
)

// beforeTimeout bounds a deploy's `before`: a migration of a large table may
// take long, and one that hangs must end.
const beforeTimeout = time.Hour

// beforeStopTimeout bounds the end of a hook that is given up.
const beforeStopTimeout = 30 * time.Second

// Hook is a command that runs once in a release before it is deployed, as the
// app would run: its account, environment, files of it, and credentials.
type Hook struct {
	// Unit is the transient service that it runs as: two at a time have one
	// name, so the second is refused.
	Unit        string
	Command     []string
	Folder      string
	User, Group string
	Umask       string
	Env         []spec.EnvVar
	EnvFiles    []string
	Credentials []spec.Credential
	// Say is given each line that it prints.
	Say func(line string)
}

// NewHook is an app's `before` as the current generation's spec has it, nil
// for none.
func NewHook(p Paths, app *App, say func(line string)) (*Hook, error) {
	if len(app.Deploy.Before) == 0 {
		return nil, nil
	}
	n, err := CurrentGeneration(p)
	if err != nil {
		return nil, err
	}
	g, err := LoadGeneration(p, n)
	if err != nil {
		return nil, err
	}
	s, found := spec.Parse(g.Desired.Spec)
	i := -1
	if len(found) == 0 {
		i = slices.IndexFunc(s.Apps, func(a *spec.App) bool { return a.Name == app.Name })
	}
	if i < 0 {
		return nil, fmt.Errorf("cannot run %q: the spec of generation %d is of another release of webstack; webstack apply renews it", app.Deploy.Before[0], n)
	}
	a := s.Apps[i]
	h := &Hook{
		Unit: "webstack-before-" + app.Unit + ".service", Command: app.Deploy.Before,
		User: a.User, Group: a.Group, Umask: a.Umask, EnvFiles: a.EnvFiles, Credentials: a.Credentials, Say: say,
	}
	// What names an instance has no meaning here.
	credentials := path.Join("/run/credentials", h.Unit) // systemd.exec(5), CREDENTIALS
	for _, v := range a.Env {
		if whole := strings.ReplaceAll(v.Value, "{credentials}", credentials); !strings.Contains(whole, "{") {
			h.Env = append(h.Env, spec.EnvVar{Name: v.Name, Value: whole})
		}
	}
	return h, nil
}

// Run runs the hook in a folder. It is a transient service and no child of
// ours: systemd reads the environment files and credentials, knows the
// account's groups, and bounds and logs it as it does with the app.
func (k *Hook) Run(ctx context.Context, folder string) error {
	cmd := exec.CommandContext(ctx, "systemd-run", k.arguments(folder)...)
	// A Ctrl-C on the terminal is for us to answer.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Dir = folder // a relative command is looked for there
	out := newLines(k.Say)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = beforeStopTimeout
	cmd.Cancel = func() error { return k.stop(ctx) }
	err := cmd.Run()
	out.Close()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("before was ended: %w", context.Cause(ctx))
	}
	var status *exec.ExitError
	if errors.As(err, &status) {
		err = fmt.Errorf("before ended with %w", err)
	}
	return &UnitError{Unit: k.Unit, Err: fmt.Errorf("%s: %w", strings.Join(k.Command, " "), err), Log: out.last()}
}

// stop ends the service; systemd-run goes when it is gone.
func (k *Hook) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), beforeStopTimeout)
	defer cancel()
	return exec.CommandContext(ctx, "systemctl", "stop", k.Unit).Run()
}

// arguments are systemd-run's.
func (k *Hook) arguments(folder string) []string {
	list := []string{
		"--quiet", "--collect", "--wait", "--pipe", "--service-type=exec", "--unit=" + k.Unit,
		"--description=webstack: before a deploy", "--working-directory=" + folder, "--uid=" + k.User,
		fmt.Sprintf("--property=RuntimeMaxSec=%d", int(beforeTimeout.Seconds())),
	}
	if k.Group != "" {
		list = append(list, "--gid="+k.Group)
	}
	if k.Umask != "" {
		list = append(list, "--property=UMask="+k.Umask)
	}
	for _, v := range k.Env {
		list = append(list, "--setenv="+v.Name+"="+v.Value)
	}
	for _, file := range k.EnvFiles {
		list = append(list, "--property=EnvironmentFile="+file)
	}
	for _, c := range k.Credentials {
		list = append(list, "--property=LoadCredential="+c.Name+":"+c.Path)
	}
	list = append(list, "--")
	for _, arg := range k.Command {
		list = append(list, strings.ReplaceAll(arg, "$", "$$")) // systemd.service(5), COMMAND LINES
	}
	return list
}

// lines takes output apart into lines and keeps the last.
type lines struct {
	*io.PipeWriter
	done sync.WaitGroup
	kept []string
}

// maxHookLine bounds a line of a hook.
const maxHookLine = 64 << 10

func newLines(say func(string)) *lines {
	r, w := io.Pipe()
	l := &lines{PipeWriter: w}
	l.done.Go(func() {
		s := bufio.NewScanner(r)
		s.Buffer(nil, maxHookLine)
		for s.Scan() {
			say(s.Text())
			l.kept = append(l.kept, s.Text())
			l.kept = l.kept[max(0, len(l.kept)-failureLines):]
		}
		_, _ = io.Copy(io.Discard, r) // past a line that is too long: let it go on
	})
	return l
}

// last are the last lines, once everything was written.
func (l *lines) last() []string {
	l.Close()
	l.done.Wait()
	return l.kept
}
