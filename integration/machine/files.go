package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// copyTimeout bounds one copy: files of a test, not archives.
const copyTimeout = 60 * time.Second

// ReadFile reads a file of the machine.
func (m *Machine) ReadFile(path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	out, err := m.Run(ctx, "cat", "--", path)
	if err == nil && out.Exit != 0 {
		err = errors.New(firstLine(out.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s in the machine: %w", path, err)
	}
	return []byte(out.Stdout), nil
}

// WriteFile writes a file of the machine, making the folders above it and
// taking the place of an old one by rename.
func (m *Machine) WriteFile(path string, data []byte, mode fs.FileMode) error {
	const script = `set -e
mkdir -p -- "$(dirname -- "$1")"
cat >"$1.new"
chmod "$2" "$1.new"
mv -f -- "$1.new" "$1"`
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	cmd, err := m.Command(ctx, "sh", "-c", script, "sh", path, fmt.Sprintf("%o", mode.Perm()))
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(data), &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot write %s in the machine: %w: %s", path, err, firstLine(stderr.String()))
	}
	return nil
}

// CopyIn copies a file or folder of the host to a path in the machine, which
// names the copy itself; a folder that is there already is filled. Modes are
// kept, all belongs to root.
func (m *Machine) CopyIn(hostPath, machinePath string) error {
	from, err := os.Open(hostPath)
	if err != nil {
		return fmt.Errorf("cannot copy into the machine: %w", err)
	}
	defer from.Close()
	// An open descriptor crosses the mount namespaces: the machine's cp reads
	// the host's file through it.
	const script = `set -e
if [ -d /proc/self/fd/3 ]; then
	mkdir -p -- "$1"
	cp -R --preserve=mode,timestamps,links /proc/self/fd/3/. "$1"/
else
	mkdir -p -- "$(dirname -- "$1")"
	cp --remove-destination --preserve=mode,timestamps /proc/self/fd/3 "$1"
fi`
	if err := m.copy(from, script, machinePath); err != nil {
		return fmt.Errorf("cannot copy %s into the machine: %w", hostPath, err)
	}
	return nil
}

// CopyOut copies a file or folder of the machine to a path on the host, which
// names the copy itself.
func (m *Machine) CopyOut(machinePath, hostPath string) error {
	parent, err := os.Open(filepath.Dir(hostPath))
	if err != nil {
		return fmt.Errorf("cannot copy out of the machine: %w", err)
	}
	defer parent.Close()
	const script = `exec cp -R --preserve=mode,timestamps,links -T -- "$1" /proc/self/fd/3/"$2"`
	if err := m.copy(parent, script, machinePath, filepath.Base(hostPath)); err != nil {
		return fmt.Errorf("cannot copy %s out of the machine: %w", machinePath, err)
	}
	return nil
}

// copy runs a script in the machine that has file as its descriptor 3.
func (m *Machine) copy(file *os.File, script string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	cmd, err := m.Command(ctx, append([]string{"sh", "-c", script, "sh"}, args...)...)
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd.ExtraFiles, cmd.Stderr = []*os.File{file}, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, firstLine(stderr.String()))
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace([]byte(text)), []byte("\n"))
	return string(line)
}
