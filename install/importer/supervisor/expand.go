package supervisor

import (
	"fmt"
	"strconv"
	"strings"
)

// Expand fills in the "%(name)s" and "%(name)02d" of a value; "%%" is one "%".
// An expression that value does not know is an error that names it.
func Expand(text string, value func(name string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			b.WriteString(text)
			return b.String(), nil
		}
		b.WriteString(text[:i])
		text = text[i+1:]
		switch {
		case strings.HasPrefix(text, "%"):
			b.WriteByte('%')
			text = text[1:]
		case strings.HasPrefix(text, "("):
			name, rest, closed := strings.Cut(text[1:], ")")
			v, known := value(name)
			if !closed || !known {
				return "", fmt.Errorf("the expression %%(%s) is not known", clip(name))
			}
			formatted, n := format(rest, v)
			if n == 0 {
				return "", fmt.Errorf("the expression %%(%s) has no format that can be read", clip(name))
			}
			b.WriteString(formatted)
			text = rest[n:]
		default:
			return "", fmt.Errorf("a %q stands alone; for the character itself, supervisor wants %q", "%", "%%")
		}
	}
}

// maxWidth bounds the padding that a value can ask for.
const maxWidth = 64

// format applies what is behind ")": "s", "d", or digits and "d". n is how
// many bytes that takes, 0 for a form that is not known.
func format(spec, value string) (formatted string, n int) {
	digits := 0
	for digits < len(spec) && '0' <= spec[digits] && spec[digits] <= '9' {
		digits++
	}
	if digits == len(spec) {
		return "", 0
	}
	width, err := 0, error(nil)
	if digits > 0 {
		width, err = strconv.Atoi(spec[:digits])
	}
	if err != nil || width > maxWidth {
		return "", 0
	}
	pad := " "
	switch {
	case spec[digits] == 'd' && strings.HasPrefix(spec, "0"):
		if _, err := strconv.Atoi(value); err != nil {
			return "", 0
		}
		pad = "0"
	case spec[digits] != 's' && spec[digits] != 'd':
		return "", 0
	}
	if missing := width - len(value); missing > 0 {
		value = strings.Repeat(pad, missing) + value
	}
	return value, digits + 1
}

// Pairs reads KEY="value",KEY2=value2, as environment= has it: commas and line
// ends separate, quotes hold both.
func Pairs(text string) ([][2]string, error) {
	var all [][2]string
	rest := strings.TrimSpace(text)
	for rest != "" {
		name, after, found := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" {
			return all, fmt.Errorf("%q is not NAME=value", clip(rest))
		}
		value, left, err := pairValue(strings.TrimLeft(after, " \t"))
		if err != nil {
			return all, err
		}
		all = append(all, [2]string{name, value})
		rest = strings.TrimLeft(left, ", \t\n")
	}
	return all, nil
}

// pairValue reads one value up to its comma.
func pairValue(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return "", "", fmt.Errorf("a quote in %q is never closed", clip(text))
			}
			b.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case ',', '\n':
			return strings.TrimRight(b.String(), " \t"), text[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimRight(b.String(), " \t"), "", nil
}
