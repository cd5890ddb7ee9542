package units

import (
	"fmt"
	"maps"
	"strings"
)

// Placeholders of an app's text. Both names of the instance are its name:
// that of an app which listens is its port.
var instancePlaceholders = map[string]string{
	"port":     "%i",
	"instance": "%i",
}

// commandPlaceholders are those of a command's arguments. The variable is
// what systemd.exec(5) documents since 247; %d is of 250.
var commandPlaceholders = map[string]string{
	"port":        "%i",
	"instance":    "%i",
	"credentials": "${CREDENTIALS_DIRECTORY}",
}

// envPlaceholders are those of Environment=, which expands specifiers and no
// variables. The folder is the one that %d names where %d is known.
var envPlaceholders = map[string]string{
	"port":        "%i",
	"instance":    "%i",
	"credentials": "%t/credentials/%n",
}

// withSocket adds {socket} to names where it has a meaning.
func withSocket(names map[string]string, socket string) map[string]string {
	if socket == "" {
		return names
	}
	with := maps.Clone(names)
	with["socket"] = socket
	return with
}

// expand passes each literal part of s through escape and replaces each
// {name}; "{{" is a literal "{". A brace that opens no name is literal.
func expand(s string, names map[string]string, escape func(string) string) (string, error) {
	var b strings.Builder
	var literal strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			break
		}
		literal.WriteString(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "{{") {
			literal.WriteByte('{')
			s = s[2:]
			continue
		}
		name, ok := placeholderName(s)
		if !ok {
			literal.WriteByte('{')
			s = s[1:]
			continue
		}
		value, ok := names[name]
		if !ok {
			return "", fmt.Errorf("{%s} has no meaning here (write {{%s} for the text itself)", name, name)
		}
		b.WriteString(escape(literal.String()))
		literal.Reset()
		b.WriteString(value)
		s = s[len(name)+2:]
	}
	literal.WriteString(s)
	b.WriteString(escape(literal.String()))
	return b.String(), nil
}

// placeholderName reads the name of a placeholder that s begins with.
func placeholderName(s string) (string, bool) {
	end := strings.IndexByte(s, '}')
	if end < 2 {
		return "", false
	}
	for i := 1; i < end; i++ {
		if c := s[i]; (c < 'a' || c > 'z') && c != '_' {
			return "", false
		}
	}
	return s[1:end], true
}
