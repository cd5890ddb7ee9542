package control

import (
	"fmt"
	"strings"
)

// Unknown is the error where nothing has the name that a request gives.
type Unknown struct {
	// Kind is what was looked for: "instance".
	Kind string
	Name string
	// Known are the names that there are.
	Known []string
}

// maxKnown is how many names an error repeats.
const maxKnown = 8

func (u *Unknown) Error() string {
	if len(u.Known) == 0 {
		return fmt.Sprintf("there is no %s %q: the config has none", u.Kind, u.Name)
	}
	known := u.Known
	more := ""
	if n := len(known) - maxKnown; n > 0 {
		known, more = known[:maxKnown], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("there is no %s %q: known are %s%s", u.Kind, u.Name, strings.Join(known, ", "), more)
}
