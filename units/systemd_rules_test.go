package units

// What systemd makes of the text, written from its manual and from nothing
// in this package, so that rendering can be checked by reading it back.

import (
	"fmt"
	"strconv"
	"strings"
)

// splitWords is systemd.syntax(7), "Quoting", with C's escapes.
func splitWords(s string) (raw, words []string, err error) {
	const space = " \t\n\r"
	for {
		s = strings.TrimLeft(s, space)
		if s == "" {
			return raw, words, nil
		}
		start := s
		var w []byte
		var quote byte
		for s != "" && (quote != 0 || !strings.ContainsRune(space, rune(s[0]))) {
			c := s[0]
			switch {
			case c == '\\':
				text, n, err := unescape(s)
				if err != nil {
					return nil, nil, err
				}
				w, s = append(w, text...), s[n:]
				continue
			case quote != 0 && c == quote:
				quote = 0
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			default:
				w = append(w, c)
			}
			s = s[1:]
		}
		if quote != 0 {
			return nil, nil, fmt.Errorf("quote is not closed in %q", start)
		}
		raw = append(raw, start[:len(start)-len(s)])
		words = append(words, string(w))
	}
}

// unescape reads one escape of the table in systemd.syntax(7).
func unescape(s string) (string, int, error) {
	if len(s) < 2 {
		return "", 0, fmt.Errorf("lone backslash")
	}
	if i := strings.IndexByte(`abfnrtvs"'\`, s[1]); i >= 0 {
		return "\a\b\f\n\r\t\v \"'\\"[i : i+1], 2, nil
	}
	if s[1] == 'x' && len(s) >= 4 {
		n, err := strconv.ParseUint(s[2:4], 16, 8)
		return string([]byte{byte(n)}), 4, err
	}
	return "", 0, fmt.Errorf("escape %q is not in the table", s[:2])
}

// expandSpecifiers is systemd.unit(5), "Specifiers", for those in use.
func expandSpecifiers(s, unit, instance string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", fmt.Errorf("%q ends with a percent sign", s)
		}
		switch s[i] {
		case '%':
			b.WriteByte('%')
		case 'i':
			b.WriteString(instance)
		case 't':
			b.WriteString("/run")
		case 'n':
			b.WriteString(unit)
		default:
			return "", fmt.Errorf("specifier %%%c", s[i])
		}
	}
	return b.String(), nil
}

// expandVariables is systemd.service(5), "Command lines".
func expandVariables(word string, env map[string]string) ([]string, error) {
	if strings.HasPrefix(word, "$") && !strings.HasPrefix(word, "$$") && !strings.HasPrefix(word, "${") {
		return nil, fmt.Errorf("%q is replaced by the words of a variable", word)
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		switch {
		case word[i] != '$':
			b.WriteByte(word[i])
		case strings.HasPrefix(word[i:], "$$"):
			b.WriteByte('$')
			i++
		case strings.HasPrefix(word[i:], "${"):
			name, _, ok := strings.Cut(word[i+2:], "}")
			if !ok {
				return nil, fmt.Errorf("variable is not closed in %q", word)
			}
			b.WriteString(env[name])
			i += len(name) + 2
		default:
			return nil, fmt.Errorf("%q holds a variable", word)
		}
	}
	return []string{b.String()}, nil
}

// readCommand is what execve gets for the value of ExecStart=.
func readCommand(value, unit, instance string, env map[string]string) (path string, argv []string, err error) {
	raw, words, err := splitWords(value)
	if err != nil || len(words) == 0 {
		return "", nil, fmt.Errorf("no words in %q: %v", value, err)
	}
	for _, r := range raw {
		if r == ";" {
			return "", nil, fmt.Errorf("%q is two commands", value)
		}
	}
	flags := words[0][:len(words[0])-len(strings.TrimLeft(words[0], "-@:+!|"))]
	if strings.Trim(flags, "@") != "" {
		return "", nil, fmt.Errorf("%q has the flags %q", value, flags)
	}
	if path, err = expandSpecifiers(words[0][len(flags):], unit, instance); err != nil {
		return "", nil, err
	}
	if flags == "@" {
		words = words[1:]
	}
	for _, w := range words {
		if w, err = expandSpecifiers(w, unit, instance); err != nil {
			return "", nil, err
		}
		expanded, err := expandVariables(w, env)
		if err != nil {
			return "", nil, err
		}
		argv = append(argv, expanded...)
	}
	return path, argv, nil
}

// readKeys gives the values of a key in a section, as the file's reader sees
// them: lines joined at a trailing backslash, stripped, without comments.
func readKeys(content, section, key string) []string {
	var values []string
	current := ""
	for _, l := range strings.Split(strings.ReplaceAll(content, "\\\n", " "), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || l[0] == '#' || l[0] == ';':
		case l[0] == '[':
			current = strings.Trim(l, "[]")
		default:
			if k, v, _ := strings.Cut(l, "="); current == section && strings.TrimSpace(k) == key {
				values = append(values, strings.TrimSpace(v))
			}
		}
	}
	return values
}
