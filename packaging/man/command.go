package man

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commandSection is that of commands for the administrator.
const commandSection = "8"

// specPage is the manual of the spec, which Spec writes.
const specPage = "webstack.toml 5"

// Entry is a row of a list: a path, a variable or an exit status, and what it
// is.
type Entry struct{ Name, Is string }

// Overview is what webstack(8) has beyond the verbs.
type Overview struct {
	Environment, Exits, Files []Entry
}

// Commands writes webstack(8) and a page for each verb that is not hidden.
func Commands(root *cobra.Command, o Overview, date time.Time) []File {
	pages := []File{overview(root, o, date)}
	for _, c := range verbs(root) {
		pages = append(pages, verb(root, c, date))
	}
	return pages
}

// verbs are those that have a page: all that people type. help is the pages'
// own other form.
func verbs(root *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, c := range root.Commands() {
		if !c.Hidden && c.Name() != "help" {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(x, y *cobra.Command) int { return cmp.Compare(x.Name(), y.Name()) })
	return list
}

func pageName(root, c *cobra.Command) string { return root.Name() + "-" + c.Name() }

func overview(root *cobra.Command, o Overview, date time.Time) File {
	p := newPage(date, root.Name(), commandSection, root.Short)
	p.section("synopsis")
	p.macro("Nm")
	p.macro("Op", "Ar options")
	p.macro("Ar", "verb")
	p.macro("Op", "Ar argument ...")
	p.section("description")
	p.paragraphs(root.Long)
	for _, g := range root.Groups() {
		p.verbList(root, strings.TrimSuffix(g.Title, ":"), g.ID)
	}
	p.verbList(root, "Other", "")
	p.section("options")
	p.text("Every verb takes these.")
	p.flags(root.PersistentFlags())
	p.entries("environment", "Ev", o.Environment)
	p.entries("files", "Pa", o.Files)
	p.entries("exit status", "", o.Exits)
	p.section("see also")
	var pages []string
	for _, c := range verbs(root) {
		pages = append(pages, pageName(root, c)+" "+commandSection)
	}
	p.references(append([]string{"systemd 1", specPage}, pages...))
	return p.file(root.Name(), commandSection)
}

// verbList lists a group's verbs.
func (p *page) verbList(root *cobra.Command, title, group string) {
	list := slices.DeleteFunc(verbs(root), func(c *cobra.Command) bool { return c.GroupID != group })
	if len(list) == 0 {
		return
	}
	p.part(title)
	p.macro("Bl", "-tag", "-width Ds", "-compact")
	for _, c := range list {
		p.macro("It", "Xr", pageName(root, c), commandSection)
		p.text(c.Short + ".")
	}
	p.macro("El")
}

// entries is a section with a list, each name by the macro for such names.
func (p *page) entries(title, macro string, list []Entry) {
	if len(list) == 0 {
		return
	}
	p.section(title)
	p.macro("Bl", "-tag", "-width Ds")
	for _, e := range list {
		p.macro("It", strings.TrimSpace(macro+" "+argument(e.Name)))
		p.text(e.Is + ".")
	}
	p.macro("El")
}

func verb(root, c *cobra.Command, date time.Time) File {
	name := pageName(root, c)
	p := newPage(date, name, commandSection, c.Short)
	p.section("synopsis")
	p.synopsis(root, c)
	for _, sub := range subcommands(c) {
		p.macro("br")
		p.synopsis(root, sub)
	}
	p.section("description")
	long, exits := splitExits(cmp.Or(c.Long, c.Short+"."))
	p.paragraphs(long)
	for _, sub := range subcommands(c) {
		p.part(sub.Name())
		p.manual(sub)
	}
	if c.LocalNonPersistentFlags().HasAvailableFlags() {
		p.section("options")
		p.flags(c.LocalNonPersistentFlags())
	}
	p.section("exit status")
	p.paragraphs(cmp.Or(exits, "0 where it did what it says, else one of those that `"+root.Name()+"(8)` lists."))
	if c.Example != "" {
		p.section("examples")
		p.literal(unindent(c.Example))
	}
	p.section("see also")
	p.references([]string{specPage, root.Name() + " " + commandSection})
	return p.file(name, commandSection)
}

// manual is a subcommand's: cobra's help texts have code blocks by a tab.
func (p *page) manual(c *cobra.Command) {
	for i, paragraph := range strings.Split(strings.TrimSpace(cmp.Or(c.Long, c.Short+".")), "\n\n") {
		if strings.HasPrefix(paragraph, "\t") {
			p.literal(unindent(paragraph))
			continue
		}
		if i > 0 {
			p.macro("Pp")
		}
		p.text(paragraph)
	}
	if c.LocalNonPersistentFlags().HasAvailableFlags() {
		p.flags(c.LocalNonPersistentFlags())
	}
}

func subcommands(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(sub *cobra.Command) bool { return sub.Hidden })
}

// synopsis is a command line with all that it may have.
func (p *page) synopsis(root, c *cobra.Command) {
	p.macro("Nm", root.Name())
	p.macro("Cm", strings.Fields(strings.TrimPrefix(c.CommandPath(), root.Name()))...)
	each(c.LocalNonPersistentFlags(), func(f *pflag.Flag) {
		value, _ := pflag.UnquoteUsage(f)
		words := []string{"Fl", flagWord(f.Name)}
		if f.Shorthand != "" {
			words = []string{"Fl", f.Shorthand, "|", "Fl", flagWord(f.Name)}
		}
		if value != "" {
			words = append(words, "Ar", argument(value))
		}
		p.macro("Op", words...)
	})
	if _, args, ok := strings.Cut(c.Use, " "); ok {
		for word := range strings.FieldsSeq(args) {
			p.macro("Ar", argument(word))
		}
	}
}

// flags lists flags with what they do.
func (p *page) flags(set *pflag.FlagSet) {
	p.macro("Bl", "-tag", "-width Ds")
	each(set, func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		words := []string{"Fl", flagWord(f.Name)}
		if f.Shorthand != "" {
			words = []string{"Fl", f.Shorthand, ",", "Fl", flagWord(f.Name)}
		}
		if value != "" {
			words = append(words, "Ar", argument(value))
		}
		p.macro("It", words...)
		p.text(upperFirst(usage) + ".")
		if def := f.DefValue; def != "" && def != "false" && def != "0" && def != "[]" && def != "0s" {
			p.text("The default is `" + def + "`.")
		}
	})
	p.macro("El")
}

// each visits what a help text shows. help itself is every verb's.
func each(set *pflag.FlagSet, do func(*pflag.Flag)) {
	set.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			do(f)
		}
	})
}

// flagWord is a long flag behind the hyphen that Fl writes.
func flagWord(name string) string { return argument("-" + name) }

// splitExits takes the paragraph of exit codes off a help text.
func splitExits(long string) (rest, exits string) {
	const mark = "Exit codes: "
	at := strings.Index(long, mark)
	if at < 0 {
		return long, ""
	}
	exits, behind, _ := strings.Cut(long[at+len(mark):], "\n\n")
	return strings.TrimSpace(long[:at] + "\n\n" + behind), exits
}

// unindent takes away what the first line is indented by.
func unindent(text string) string {
	text = strings.Trim(text, "\n")
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimPrefix(line, indent))
	}
	return strings.ReplaceAll(b.String(), "\t", "    ")
}
