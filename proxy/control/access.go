package control

import "slices"

// Access is who may use the API besides root.
type Access struct {
	// Group is the group whose members may; negative for none.
	Group int
	// User may too; negative for none. It is for a proxy that somebody runs
	// by hand, as themselves; the service's own user is not to be let in.
	User int
}

func (a Access) allows(p peer) bool {
	return p.uid == 0 ||
		a.User >= 0 && int64(p.uid) == int64(a.User) ||
		a.Group >= 0 && slices.Contains(p.groups, uint32(a.Group))
}
