package install

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/webstack/webstack/install/spec"
)

// maxPort is TCP's.
const maxPort = 65535

// scaleMark is how an override begins that [Scale] wrote.
const scaleMark = "# Written by webstack scale"

// InstanceCount is how many instances the spec gives an app.
func InstanceCount(a *spec.App) int { return len(instanceNames(a)) }

// Scale makes the override that gives an app another number of instances, and
// the text of the spec with it. Ports go on after the largest; the last ones
// are given up. It writes nothing.
func Scale(etc string, s *spec.Spec, text []spec.File, app *spec.App, want int) (override spec.File, with []spec.File, err error) {
	path := filepath.Join(etc, "override.d", "50-scale-"+app.Name+".toml")
	line := fmt.Sprintf("instances = %d", want)
	if len(app.Ports) > 0 {
		ports, err := scaledPorts(s, app, want)
		if err != nil {
			return spec.File{}, nil, fmt.Errorf("cannot scale %s to %d: %w", app.Name, want, err)
		}
		line = "ports = " + writePorts(ports)
	}
	override = spec.File{Name: path, Override: true, Data: fmt.Appendf(nil,
		"%s %s %d. Without this file the spec's own\n# number counts again, after webstack apply.\n[%s]\n%s\n",
		scaleMark, app.Name, want, spec.DottedKey("app", app.Name), line)}
	for _, f := range text {
		if f.Name != path {
			with = append(with, f)
		} else if !bytes.HasPrefix(f.Data, []byte(scaleMark)) {
			return spec.File{}, nil, fmt.Errorf("cannot scale %s: %s was not written by webstack scale", app.Name, path)
		}
	}
	// Where load.Dir finds it: override.d comes last, in byte order.
	at := slices.IndexFunc(with, func(f spec.File) bool { return f.Override && f.Name > path })
	if at < 0 {
		at = len(with)
	}
	return override, slices.Insert(with, at, override), nil
}

// NoPort says that an app cannot grow, because there is no port for it.
type NoPort struct{ Why string }

func (e *NoPort) Error() string { return e.Why }

func noPort(format string, args ...any) error { return &NoPort{fmt.Sprintf(format, args...)} }

// scaledPorts are the ports of so many instances.
func scaledPorts(s *spec.Spec, app *spec.App, want int) ([]int, error) {
	ports := slices.Clone(app.Ports[:min(want, len(app.Ports))])
	for next := slices.Max(app.Ports) + 1; len(ports) < want; next++ {
		if next > maxPort {
			return nil, noPort("its ports go on after %d, and there is none past %d", slices.Max(app.Ports), maxPort)
		}
		if owner := portOwner(s, app, next); owner != "" {
			return nil, noPort("port %d, which would be the next, belongs to %s", next, owner)
		}
		ports = append(ports, next)
	}
	return ports, nil
}

// portOwner is what else of the spec has a port, "" for nothing.
func portOwner(s *spec.Spec, app *spec.App, port int) string {
	for _, other := range s.Apps {
		if other != app && slices.Contains(other.Ports, port) && other.Address != "unix" {
			return fmt.Sprintf("app %s (%s)", other.Name, place(s, "app", other.Name, "ports"))
		}
	}
	for _, site := range s.Sites {
		for _, l := range site.Listen {
			if _, p, err := net.SplitHostPort(l.Address); err == nil && l.Network == "tcp" && p == strconv.Itoa(port) {
				return fmt.Sprintf("site %s, which listens on it (%s)", site.Name, place(s, "site", site.Name, "listen"))
			}
		}
	}
	return ""
}

func place(s *spec.Spec, key ...string) string {
	at := s.Position(spec.DottedKey(key...))
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}

// writePorts writes ports as the spec has them: a range where they are one.
func writePorts(ports []int) string {
	first, last := ports[0], ports[len(ports)-1]
	var list []string
	run := true
	for i, p := range ports {
		run = run && p == first+i
		list = append(list, strconv.Itoa(p))
	}
	switch {
	case len(ports) == 1:
		return list[0]
	case run:
		return fmt.Sprintf("\"%d-%d\"", first, last)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// WriteOverride puts an override in place, if that is not what stands there.
// undo puts back what stood there.
func WriteOverride(f spec.File) (undo func() error, err error) {
	had, err := os.ReadFile(f.Name)
	undo = func() error { return writeFile(f.Name, had, 0o644) }
	switch {
	case err == nil && bytes.Equal(had, f.Data):
		return func() error { return nil }, nil
	case errors.Is(err, fs.ErrNotExist):
		undo = func() error { return os.Remove(f.Name) }
	case err != nil:
		return nil, fmt.Errorf("cannot write %s: %w", f.Name, err)
	}
	if err := makeDirs(filepath.Dir(f.Name), 0o755); err != nil {
		return nil, err
	}
	return undo, writeFile(f.Name, f.Data, 0o644)
}
