package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/webstack/webstack/install/spec"
)

// logs refuses a log path that somebody but root could redirect: systemd opens
// it as root, so a link in such a folder writes to any file of the machine.
func (c *preflight) logs(app *spec.App) {
	key := "app." + app.Name
	for _, out := range []struct{ key, path string }{{"stdout", app.Stdout}, {"stderr", app.Stderr}} {
		for _, path := range logPaths(app, out.path) {
			why := redirectable(path)
			if why == "" {
				continue
			}
			c.say(key+"."+out.key, fmt.Sprintf("%s %q is opened by root, but %s", out.key, path, why), logHint(app))
			break
		}
	}
}

// logHint is where an app may log to. /var/log itself is not root's alone on
// some distributions (Ubuntu: group syslog).
func logHint(app *spec.App) string {
	dir := "/var/log/" + app.Name
	if redirectable(dir+"/log") != "" {
		return "log to the journal: leave the key out"
	}
	return fmt.Sprintf("log to a folder of root's such as %s/, or to \"journal\"", dir)
}

// redirectable says who could make path lead elsewhere, "" for nobody but
// root. What does not exist is made by root, below a folder that was checked.
func redirectable(path string) string {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err == nil {
			if why := othersMayWrite(dir, info); why != "" {
				return why
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("%s cannot be looked at: %v", dir, err)
		}
		if dir == "/" {
			break
		}
	}
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return path + " is no regular file"
	}
	return ""
}

func othersMayWrite(dir string, info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return dir + " is a symbolic link"
	case !info.IsDir():
		return dir + " is no folder"
	case !ok || stat.Uid != 0:
		return fmt.Sprintf("%s belongs to a user who could put a link there", dir)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Sprintf("%s may be written by others than root (mode %o)", dir, info.Mode().Perm())
	}
	return ""
}
