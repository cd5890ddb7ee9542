package units

import (
	"fmt"
	"strings"
)

// builder is a text under construction: a header, sections and their keys. The first
// error sticks, so that a renderer reads as the file it writes.
type builder struct {
	strings.Builder
	err error
}

// header opens a file; source is what it was made from.
func (b *builder) header(source string) {
	b.fail(line("source", source))
	fmt.Fprintf(b, "%s from %s.\n", mark, source)
	b.WriteString("# An edit here is lost with the next `webstack apply`;" +
		" a drop-in in /etc/systemd/system stays.\n")
}

func (b *builder) section(name string) { fmt.Fprintf(b, "\n[%s]\n", name) }

// set writes a key whose value is ready for the file.
func (b *builder) set(key, value string) { b.WriteString(key + "=" + value + "\n") }

// setText writes a key whose value is one literal line that expands
// specifiers. Nothing is written for "".
func (b *builder) setText(key, value string) {
	if value == "" {
		return
	}
	b.fail(line(key, value))
	b.set(key, specifiers(value))
}

// setPlain writes a key whose value expands nothing.
func (b *builder) setPlain(key, value string) {
	if value == "" {
		return
	}
	b.fail(line(key, value))
	b.set(key, value)
}

// setDescription writes what the unit is: the app's name and a suffix, whose
// specifiers count.
func (b *builder) setDescription(name, suffix string) {
	b.fail(line("Description", name))
	b.set("Description", specifiers(name)+suffix)
}

// setUnits writes a key once for each unit.
func (b *builder) setUnits(key string, names []string) {
	for _, name := range names {
		if strings.ContainsAny(name, " \t\"'") || !strings.Contains(name, ".") {
			b.fail(fmt.Errorf("%s: %q is not the name of a unit", key, name))
		}
		b.setText(key, name)
	}
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// file ends the text. The hash of a file that has a line for it is filled in.
func (b *builder) file(path string) (File, error) {
	if b.err != nil {
		return File{}, fmt.Errorf("cannot render %s: %w", path, b.err)
	}
	content := b.String()
	hash := HashOf(content)
	content = strings.Replace(content, "\n"+hashLine+"\n", "\n"+hashLine+hash+"\n", 1)
	return File{Path: path, Content: content, Hash: hash}, nil
}
