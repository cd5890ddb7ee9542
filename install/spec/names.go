package spec

import (
	"fmt"
	"slices"
	"strings"
)

// maxName bounds the names of apps, sites, upstreams and units. A unit name
// has 255 bytes in systemd, and ours add "webstack-", "@8021.service" and the
// file names made from them.
const maxName = 64

// checkName checks what an app, upstream or site is called: the name ends in
// unit and file names, in URLs of the control API and on the command line.
func (c *checker) checkName(what string, n *node) {
	if why := badName(n.name); why != "" {
		c.fail(n.key, fmt.Sprintf("letters, digits, _ and single - between them: [%s.%s]", what, show(plainName(n.name))),
			"%s %s", what+" name "+quote(clip(n.name)), why)
		n.broken = true
	}
}

// badName says what is wrong with a name, or "".
func badName(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > maxName:
		return fmt.Sprintf("is longer than %d bytes", maxName)
	case strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") || strings.Contains(s, "--"):
		// systemd.slice(5): "-" separates the levels of slices, so that none
		// of them may be empty.
		return `has a "-" that separates nothing`
	}
	for _, r := range s {
		if r >= 0x80 || !isLetter(byte(r)) && !isDigit(byte(r)) && r != '_' && r != '-' {
			return fmt.Sprintf("has the character %q", r)
		}
	}
	return ""
}

// plainName is a legal name near to an illegal one.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r)) || r == '_') {
			return r
		}
		return '-'
	}, s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	s = strings.Trim(s, "-")
	if s == "" {
		return "NAME"
	}
	return s[:min(len(s), maxName)]
}

// unitName is the name before "@.service".
func unitName() Type {
	return Type{
		Says:   "a unit name without its ending",
		schema: object{"type": "string", "pattern": "^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$", "maxLength": maxName},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if !ok {
				return nil, false
			}
			for _, ending := range []string{"@.service", ".service", "@", ".target", ".slice"} {
				if short, found := strings.CutSuffix(s, ending); found {
					c.fail(n.at, fmt.Sprintf("write unit = %s", quote(short)), "unit = %s has an ending; webstack adds it", quote(s))
					return nil, false
				}
			}
			if why := badName(s); why != "" {
				c.fail(n.at, fmt.Sprintf("letters, digits, _ and single - between them: unit = %s", quote(plainName(s))), "unit %s %s", quote(clip(s)), why)
				return nil, false
			}
			return s, true
		},
	}
}

// userName is a user or group, by name or number. systemd's strict form and
// what directories such as LDAP add to it; it ends in a unit file.
func userName() Type {
	return Type{
		Says:   "a name or a number in quotes",
		schema: object{"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.@-]*$"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if !ok {
				return nil, false
			}
			legal := s != "" && len(s) <= 256
			for i := 0; i < len(s); i++ {
				if !isLetter(s[i]) && !isDigit(s[i]) && s[i] != '_' && (i == 0 || !strings.ContainsRune(".@-", rune(s[i]))) {
					legal = false
				}
			}
			if !legal {
				return c.wrong(k, n, `a name as in /etc/passwd: user = "www-data"`)
			}
			return s, true
		},
	}
}

// umask is three or four octal digits.
func umask() Type {
	return Type{
		Says:   `octal digits in quotes, such as "022"`,
		schema: object{"type": "string", "pattern": "^0?[0-7]{3}$"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			octal := n.kind == textKind && (len(n.text) == 3 || len(n.text) == 4 && n.text[0] == '0') && strings.Trim(n.text, "01234567") == ""
			switch {
			case octal:
				return n.text, true
			case n.kind == integerKind:
				digits := strings.TrimPrefix(n.text, "0o")
				return c.wrong(k, n, fmt.Sprintf(`quote it, with its zeros: umask = "%03s"`, clip(digits)))
			}
			return c.wrong(k, n, "")
		},
	}
}

// signals are those of signal(7) that can ask a process to stop.
func signals() []string {
	return []string{
		"ABRT", "ALRM", "CONT", "HUP", "INT", "IO", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT",
		"TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
	}
}

// signalName is a signal without "SIG", or "".
func signalName(s string) string {
	s = strings.TrimPrefix(strings.ToUpper(s), "SIG")
	if slices.Contains(signals(), s) || strings.HasPrefix(s, "RTMIN+") && isNumber(s[6:]) && len(s) < 9 {
		return s
	}
	return ""
}

func signal() Type {
	return Type{
		Says:   `a signal such as "TERM"`,
		schema: object{"type": "string", "pattern": "^(SIG)?[A-Z0-9+]+$"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != textKind {
				return c.wrong(k, n, "write its name: stop_signal = \"TERM\"")
			}
			if s := signalName(n.text); s != "" {
				return s, true
			}
			if best := nearest(strings.TrimPrefix(strings.ToUpper(n.text), "SIG"), signals()); best != "" {
				return c.wrong(k, n, fmt.Sprintf("did you mean %s?", quote(best)))
			}
			return c.wrong(k, n, "`kill -l` lists them")
		},
	}
}
