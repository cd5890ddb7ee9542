package man

import (
	"strings"
	"time"

	"github.com/webstack/webstack/install/spec"
)

// specDescription is what stands before the tables of keys.
const specDescription = "`/etc/webstack/webstack.toml` says what runs on a machine and how it is reached." +
	" `conf.d/*.toml` and `override.d/*.toml` beside it are parts of it." +
	" It is TOML. `webstack check` names every mistake in it with its place and remedy," +
	" `webstack diff` prints what it would change, and `webstack apply` makes it so.\n\n" +
	"Editors that check TOML by a JSON schema find it in `/usr/share/webstack/webstack.schema.json`;" +
	" `webstack schema` prints it too."

// Spec writes webstack.toml(5) from the table of keys; example is a spec.
func Spec(example string, date time.Time) File {
	p := newPage(date, "webstack.toml", "5", "what webstack runs and how it is reached")
	p.section("description")
	p.paragraphs(specDescription)
	p.section("keys")
	for _, t := range spec.Tables() {
		p.table(t)
	}
	p.reserved()
	p.rules(spec.Rules())
	p.section("files")
	p.macro("Bl", "-tag", "-width Ds", "-compact")
	for _, path := range []string{"webstack.toml", "conf.d/*.toml", "override.d/*.toml"} {
		p.macro("It", "Pa", argument("/etc/webstack/"+path))
	}
	p.macro("El")
	p.section("examples")
	p.literal(example)
	p.section("see also")
	p.references([]string{"systemd.exec 5", "systemd.service 5", "webstack 8", "webstack-check 8", "webstack-schema 8"})
	return p.file("webstack.toml", "5")
}

// table is one table's keys. A site's are without those of its routes, which
// it hands down.
func (p *page) table(t *spec.Table) {
	p.part(t.Header)
	if t.Doc != "" {
		p.text(t.Doc)
	}
	p.macro("Bl", "-tag", "-width Ds")
	for _, k := range t.Keys {
		if k.Status == spec.Next || handedDown(t, k) {
			continue
		}
		p.macro("It", "Ic", argument(k.Name))
		p.text(upperFirst(k.Type.Says) + "; " + without(k) + ".")
		p.text(k.Doc)
		if k.For != "" {
			p.text("For routes with " + strings.ReplaceAll(k.For, " ", " or ") + ".")
		}
		if k.Inherited && strings.HasPrefix(t.Header, "[site") {
			p.text("A site may have it for all its routes.")
		}
		if k.Replaces != nil {
			p.text("(" + strings.Join(k.Replaces, ", ") + ".)")
		}
	}
	p.macro("El")
}

func handedDown(t *spec.Table, k spec.Key) bool { return t.Noun == "a site" && k.Inherited }

// without is what holds where the key is absent.
func without(k spec.Key) string {
	switch {
	case k.Required:
		return "required"
	case k.Otherwise != "":
		return "otherwise " + k.Otherwise
	case k.Default == "":
		return "no default"
	}
	return "default `" + k.Default + "`"
}

// reserved lists the keys that are refused in this version.
func (p *page) reserved() {
	p.section("not in this version")
	p.text("These keys are reserved. A value that turns them off is taken, any other is an error.")
	p.macro("Bl", "-tag", "-width Ds", "-compact")
	for _, t := range spec.Tables() {
		var names []string
		for _, k := range t.Keys {
			if k.Status == spec.Next && !handedDown(t, k) {
				names = append(names, "`"+k.Name+"`")
			}
		}
		if names != nil {
			p.macro("It", "Ic", argument(t.Header))
			p.text(strings.Join(names, ", "))
		}
	}
	p.macro("El")
}

// rules writes Markdown with "## " headings.
func (p *page) rules(markdown string) {
	for i, part := range strings.Split("\n"+strings.TrimSpace(markdown), "\n## ") {
		title, body, _ := strings.Cut(part, "\n")
		if i == 0 || strings.TrimSpace(body) == "" {
			continue
		}
		p.section(title)
		p.paragraphs(body)
	}
}
