package install

import (
	"context"
	"fmt"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"time"
)

// lookupTimeout bounds getent, which may ask a directory server.
const lookupTimeout = 10 * time.Second

// userExists asks /etc/passwd, and getent for the accounts that live elsewhere
// (LDAP, systemd-homed): the static binary does not carry the C library's
// switch.
func userExists(ctx context.Context, name string) bool {
	if _, err := user.Lookup(name); err == nil {
		return true
	}
	_, found := getent(ctx, "passwd", name)
	return found
}

func groupExists(ctx context.Context, name string) bool {
	if _, err := user.LookupGroup(name); err == nil {
		return true
	}
	_, found := getent(ctx, "group", name)
	return found
}

// UserID is a user's number.
func UserID(ctx context.Context, name string) (int, error) {
	if u, err := user.Lookup(name); err == nil {
		return strconv.Atoi(u.Uid)
	}
	if uid, err := strconv.Atoi(name); err == nil && uid >= 0 {
		return uid, nil // systemd takes a number too
	}
	line, _ := getent(ctx, "passwd", name)
	field := strings.Split(line, ":") // passwd(5): the third is the uid
	if len(field) < 3 {
		return 0, fmt.Errorf("user %q does not exist", name)
	}
	return strconv.Atoi(field[2])
}

// GroupID is the number of a group of ours.
func GroupID(name string) (int, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("group %q does not exist; the package's sysusers.d makes it: %w", name, err)
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return 0, fmt.Errorf("group %q has the odd id %q", name, g.Gid)
	}
	return gid, nil
}

// getent is the line of a database that a key has. It is called by its path,
// and with no word of the caller's environment: a gate calls it as root, with
// an environment that an app's user may have written.
func getent(ctx context.Context, database, key string) (line string, found bool) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/getent", database, "--", key)
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	return string(out), err == nil
}
