package units

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A value passes through up to three readers, and each must be answered in
// its own way: the file's (a line, a trailing backslash continues it), the
// word splitter's (quotes and backslashes, systemd.syntax(7) "Quoting"), the
// specifiers' ("%", systemd.unit(5)); and the words of a command through a
// fourth when the process starts ("$", systemd.service(5) "Command lines").

// specifiers doubles "%", which every value below expands.
func specifiers(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// argument answers the specifiers and the variables of a command's words.
func argument(s string) string {
	return strings.ReplaceAll(specifiers(s), "$", "$$")
}

// word quotes s as one word, where it needs it.
func word(s string) string {
	if s != "" && strings.IndexFunc(s, needsQuotes) < 0 {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// needsQuotes is true for all but what is certain to mean itself: a lone ";"
// would separate two commands, "#" or "'" may open something.
func needsQuotes(r rune) bool {
	return r >= utf8.RuneSelf || !isAlphanumeric(byte(r)) && !strings.ContainsRune("%$_@+=:,./-{}", r)
}

// bindSource quotes a path for BindReadOnlyPaths=, whose words end at a colon
// too and whose reader takes "\x" as x, without C's escapes.
func bindSource(path string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(specifiers(path))
	return `"-` + escaped + `"`
}

// text checks that s can stand in a unit file at all.
func text(what, s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s %q is not UTF-8", what, s)
	}
	if strings.ContainsRune(s, 0) {
		return fmt.Errorf("%s %q holds a NUL byte", what, s)
	}
	return nil
}

// line checks a value that is written as it is, to the end of its line.
func line(what, s string) error {
	if err := text(what, s); err != nil {
		return err
	}
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return fmt.Errorf("%s %q holds a control character", what, s)
	}
	if strings.Trim(s, " ") != s {
		return fmt.Errorf("%s %q begins or ends with a space, which systemd strips", what, s)
	}
	if strings.HasSuffix(s, `\`) {
		return fmt.Errorf("%s %q ends with a backslash, which would swallow the next line", what, s)
	}
	return nil
}

// absolute checks a path that is written as a line.
func absolute(what, path string) error {
	if err := line(what, path); err != nil {
		return err
	}
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("%s %q is not an absolute path", what, path)
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
