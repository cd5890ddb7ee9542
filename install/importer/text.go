package importer

import (
	"fmt"
	"strings"
	"unicode"
)

// place is "FILE:LINE", as a terminal link takes it.
func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// maxShown is how many characters of a directive are repeated in a report or a
// comment: a certificate in a string must not fill the screen.
const maxShown = 120

// oneLine makes a text of others fit for a comment and a terminal: one line,
// bounded, without control characters.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > maxShown {
		s = string(r[:maxShown]) + "..."
	}
	return s
}

// quote writes a TOML string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// quoteAll writes a TOML list of strings.
func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// literal escapes what would begin a placeholder in a spec.
func literal(s string) string { return strings.ReplaceAll(s, "{", "{{") }

// maxName is the longest name that a spec takes.
const maxName = 64

// plainName is a name that a spec takes, near to s.
func plainName(s, otherwise string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') {
			return r
		}
		return '-'
	}, s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	s = strings.Trim(s[:min(len(s), maxName)], "-")
	if s == "" {
		return otherwise
	}
	return s
}

// names gives each thing a name that no other has.
type names map[string]bool

func (n names) free(s, otherwise string) string {
	s = plainName(s, otherwise)
	name := s
	for i := 2; n[name]; i++ {
		suffix := fmt.Sprintf("-%d", i)
		name = strings.Trim(s[:min(len(s), maxName-len(suffix))], "-") + suffix
	}
	n[name] = true
	return name
}
