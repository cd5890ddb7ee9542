package install

import (
	"context"
	"os/exec"
	"os/user"
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

func getent(ctx context.Context, database, key string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	return exec.CommandContext(ctx, "getent", database, "--", key).Run() == nil
}
