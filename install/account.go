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
	return getent(ctx, "passwd", name)
}

func groupExists(ctx context.Context, name string) bool {
	if _, err := user.LookupGroup(name); err == nil {
		return true
	}
	return getent(ctx, "group", name)
}

// UserID is a user's number.
func UserID(ctx context.Context, name string) (int, error) {
	if u, err := user.Lookup(name); err == nil {
		return strconv.Atoi(u.Uid)
	}
	if uid, err := strconv.Atoi(name); err == nil && uid >= 0 {
		return uid, nil // systemd takes a number too
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	// By its path, and with no word of the caller's environment: a gate calls
	// this as root, with an environment that an app's user may have written.
	cmd := exec.CommandContext(ctx, "/usr/bin/getent", "passwd", "--", name)
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	field := strings.Split(string(out), ":") // passwd(5): the third is the uid
	if err != nil || len(field) < 3 {
		return 0, fmt.Errorf("user %q does not exist", name)
	}
	return strconv.Atoi(field[2])
}

func getent(ctx context.Context, database, key string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	return exec.CommandContext(ctx, "getent", database, "--", key).Run() == nil
}
