package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxArguments bounds a command line; the kernel's own limit is in bytes.
const maxArguments = 4096

// command is a string that is split, or the argv itself, with the placeholders
// of set.
func command(set holders) Type {
	return Type{
		Says: "a string, or a list of strings",
		schema: object{"anyOf": []any{
			object{"type": "string", "minLength": 1},
			object{"type": "array", "minItems": 1, "items": object{"type": "string"}},
		}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			argv, ok := c.argv(k, n, set)
			if !ok {
				return nil, false
			}
			if len(argv) == 0 {
				c.fail(n.at, `write the program and its arguments: command = "/usr/bin/python3 app.py --port={port}"`, "%s is empty", k.Name)
				return nil, false
			}
			program := n
			if n.kind == listKind {
				program = n.items[0]
			}
			return argv, c.program(k, program, argv[0])
		},
	}
}

func (c *checker) argv(k *Key, n *node, set holders) ([]string, bool) {
	if n.kind != textKind && n.kind != listKind {
		return nil, second(c.wrong(k, n, requote(k, n)))
	}
	if n.kind == listKind {
		ok := true
		argv := make([]string, 0, len(n.items))
		for _, item := range n.items {
			s, good := c.plain(k, item)
			good = good && c.placeholders(k.Name, item, set)
			ok = ok && good
			argv = append(argv, s)
		}
		return argv, ok
	}
	if _, ok := c.plain(k, n); !ok {
		return nil, false
	}
	if !c.placeholders(k.Name, n, set) {
		return nil, false
	}
	argv, bad := splitCommand(n.text)
	if bad != nil {
		c.fail(n.inside(bad.offset, bad.length), bad.hint, "%s", bad.message)
		return nil, false
	}
	if len(argv) > maxArguments {
		c.fail(n.at, "", "%s has %d arguments; %d are the most", k.Name, len(argv), maxArguments)
		return nil, false
	}
	return argv, true
}

func second[A, B any](_ A, b B) B { return b }

// program checks the first word: units run what is named, without a search
// path, so that a later file of the same name elsewhere changes nothing.
func (c *checker) program(k *Key, at *node, name string) bool {
	where := at.at
	if at.kind == textKind {
		where = at.inside(strings.IndexFunc(at.text, func(r rune) bool { return r != ' ' && r != '\t' }), len(name))
	}
	switch {
	case strings.HasPrefix(name, "/") && !strings.HasSuffix(name, "/") && len(name) <= maxPath:
		return true
	case name != "" && strings.ContainsRune("@-:+!|", rune(name[0])):
		c.fail(where, "begin the command with the program's absolute path", "%s begins with %s: systemd's prefixes are not for an app", k.Name, quote(name[:1]))
	case strings.Contains(name, "=") && !strings.HasPrefix(name, "."):
		c.fail(where, "put it into env, or run it by /usr/bin/env", "%s begins with the variable %s, not with a program", k.Name, quote(clip(name)))
	case strings.HasSuffix(name, "/") && strings.HasPrefix(name, "/"):
		c.fail(where, "name the program in it", "%s begins with a folder, %s", k.Name, quote(clip(name)))
	default:
		hint := fmt.Sprintf("`command -v %s` tells where it is: %s", clip(name), quote("/usr/bin/"+clip(name)))
		if strings.Contains(name, "/") || name == "" {
			hint = "begin it with /"
		}
		c.fail(where, hint, "the program of %s, %s, is not an absolute path", k.Name, quote(clip(name)))
	}
	return false
}

// splitError is why a command line cannot be split, and where in it.
type splitError struct {
	offset, length int
	message, hint  string
}

// asList is the remedy for whatever has a meaning in a command line that is
// not wanted.
const asList = `write command as a list, where every string is one argument`

// splitCommand splits a command line by the rules of systemd.syntax(7),
// "QUOTING", and systemd.service(5), "COMMAND LINES": single and double quotes
// are removed, C escapes are resolved in and outside of them, and "\;" is a
// lone semicolon. "%" and "$" are literal here; rendering escapes them.
func splitCommand(line string) ([]string, *splitError) {
	var argv []string
	i := 0
	for {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) {
			return argv, nil
		}
		start := i
		word, end, bad := splitWord(line, i)
		if bad != nil {
			return nil, bad
		}
		i = end
		switch raw := line[start:end]; {
		case raw == `\;`:
			word = ";"
		case raw == ";":
			return nil, &splitError{start, 1, `";" would begin a second command, and an app has one`, `for the character itself, write '\;', or ` + asList}
		case slices.Contains([]string{"|", "||", "&", "&&", ">", ">>", "<", "<<", "2>&1", "2>", "&>"}, raw):
			return nil, &splitError{
				start, len(raw), fmt.Sprintf("%s is a shell's, and no shell runs the command", quote(raw)),
				`run one: command = ["/bin/sh", "-c", "exec ..."]; for the characters themselves, ` + asList,
			}
		}
		argv = append(argv, word)
	}
}

// splitWord reads one word from i on.
func splitWord(line string, i int) (word string, end int, bad *splitError) {
	var b strings.Builder
	open, in := 0, byte(0)
	for i < len(line) {
		ch := line[i]
		switch {
		case in == 0 && (ch == ' ' || ch == '\t'):
			return b.String(), i, nil
		case in == 0 && ch == '\\' && strings.HasPrefix(line[i:], `\;`) && b.Len() == 0 && (i+2 == len(line) || line[i+2] == ' ' || line[i+2] == '\t'):
			b.WriteString(";")
			i += 2
		case ch == '\\':
			s, n := unescape(line[i:])
			if n == 0 {
				length := min(2, len(line)-i)
				return "", 0, &splitError{i, length, fmt.Sprintf("%s is not an escape that systemd knows", line[i:i+length]), `a backslash itself is \\; or ` + asList}
			}
			b.WriteString(s)
			i += n
		case in == 0 && (ch == '"' || ch == '\''):
			open, in = i, ch
			i++
		case ch == in:
			in = 0
			i++
		default:
			b.WriteByte(ch)
			i++
		}
	}
	if in != 0 {
		return "", 0, &splitError{open, len(line) - open, fmt.Sprintf("command has a %c that is never closed", in), `for the character itself, write it as \` + string(rune(in)) + `, or ` + asList}
	}
	return b.String(), i, nil
}

// unescape resolves one C escape of systemd.syntax(7), table 1. It returns how
// many bytes it took, 0 for an unknown one. Escapes for control characters
// are unknown: no argument of a unit file can hold them safely.
func unescape(s string) (string, int) {
	if len(s) < 2 {
		return "", 0
	}
	switch s[1] {
	case '\\', '"', '\'':
		return s[1:2], 2
	case 's':
		return " ", 2
	case 't':
		return "\t", 2
	}
	digits, base := 0, 16
	skip := 2
	switch {
	case s[1] == 'x':
		digits = 2
	case s[1] == 'u':
		digits = 4
	case s[1] == 'U':
		digits = 8
	case '0' <= s[1] && s[1] <= '7':
		digits, base, skip = 3, 8, 1
	}
	if digits == 0 || len(s) < skip+digits {
		return "", 0
	}
	v, err := strconv.ParseUint(s[skip:skip+digits], base, 32)
	if err != nil || v < 0x20 || 0x7f <= v && v < 0xa0 || !utf8.ValidRune(rune(v)) {
		return "", 0
	}
	if digits < 4 && v >= utf8.RuneSelf { // a byte, and half a character
		return "", 0
	}
	return string(rune(v)), skip + digits
}
