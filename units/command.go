package units

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// command renders argv as the value of ExecStart=. socket is what {socket}
// means, "" for nothing.
func command(argv []string, socket string) (string, error) {
	if len(argv) == 0 {
		return "", errors.New("the command is empty")
	}
	program, err := program(argv[0])
	if err != nil {
		return "", err
	}
	words := []string{program}
	names := withSocket(commandPlaceholders, socket)
	for _, arg := range argv[1:] {
		if err := text("argument", arg); err != nil {
			return "", err
		}
		w, err := expand(arg, names, argument)
		if err != nil {
			return "", fmt.Errorf("argument %q: %w", arg, err)
		}
		words = append(words, word(w))
	}
	return strings.Join(words, " "), nil
}

// program renders the word that names what is executed. systemd takes a bare
// name, which it looks up in its own path, or an absolute path; it refuses
// quotes, backslashes and control characters in either (no quoting helps),
// and reads leading "-@:+!|" as flags before any escape is gone.
func program(name string) (string, error) {
	if err := text("program", name); err != nil {
		return "", err
	}
	switch {
	case name == "":
		return "", errors.New("the command has an empty first word")
	case strings.ContainsAny(name[:1], "-@:+!|"):
		return "", fmt.Errorf("a program cannot begin with %q: name %q by its absolute path", name[:1], name)
	case name[0] != '/' && strings.Contains(name, "/"):
		return "", fmt.Errorf("program %q is neither a bare name nor an absolute path", name)
	case strings.HasSuffix(name, "/"), name == ".", name == "..":
		return "", fmt.Errorf("program %q is a folder", name)
	case strings.ContainsAny(name, `"'\`) || strings.IndexFunc(name, isControl) >= 0:
		return "", fmt.Errorf("program %q holds a quote, a backslash or a control character, which systemd refuses", name)
	}
	path, err := expand(name, instancePlaceholders, specifiers)
	if err != nil {
		return "", fmt.Errorf("program %q: %w", name, err)
	}
	if !strings.Contains(name, "$") {
		return word(path), nil
	}
	// Variables are replaced in the word that becomes argv[0] but not in the
	// path that is executed, so the two are given apart ("@").
	argv0, err := expand(name, instancePlaceholders, argument)
	return word("@"+path) + " " + word(argv0), err
}

// environment renders one assignment as the value of Environment=.
func environment(v EnvVar, socket string) (string, error) {
	if !isVariable(v.Name) {
		return "", fmt.Errorf("%q is not the name of an environment variable", v.Name)
	}
	if v.Name == HashVariable {
		return "", fmt.Errorf("%s is webstack's own environment variable", v.Name)
	}
	// The value may be a secret: no message shows it.
	if !utf8.ValidString(v.Value) {
		return "", fmt.Errorf("value of %s is not UTF-8", v.Name)
	}
	// systemd drops an assignment with a control character other than a tab
	// or a line break. A line break is nearly always a paste gone wrong, and
	// what reads an environment line by line misreads it.
	if strings.ContainsFunc(v.Value, func(r rune) bool { return isControl(r) && r != '\t' }) {
		return "", fmt.Errorf("value of %s holds a line break or a control character", v.Name)
	}
	value, err := expand(v.Value, withSocket(envPlaceholders, socket), specifiers)
	if err != nil {
		return "", fmt.Errorf("value of %s: %w", v.Name, err)
	}
	return word(v.Name + "=" + value), nil
}

func isVariable(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; !isAlphanumeric(c) && c != '_' || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return name != ""
}

// environmentFile renders a path, optional with a leading "-", as the value
// of EnvironmentFile=. systemd takes it for a glob pattern.
func environmentFile(path string) (string, error) {
	optional := ""
	if rest, ok := strings.CutPrefix(path, "-"); ok {
		optional, path = "-", rest
	}
	if err := absolute("EnvironmentFile", path); err != nil {
		return "", err
	}
	literal := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
	return optional + specifiers(literal), nil
}

// output renders "journal" or a path as the value of StandardOutput=.
func output(what, to string) (string, error) {
	if to == "journal" {
		return to, nil
	}
	if err := absolute(what, to); err != nil {
		return "", err
	}
	path, err := expand(to, instancePlaceholders, specifiers)
	if err != nil {
		return "", fmt.Errorf("%s %q: %w", what, to, err)
	}
	return "append:" + path, nil
}
