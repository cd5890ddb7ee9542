package man

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// textWidth is where lines of a page's source are broken. mandoc(1) finds
// lines over 80 bytes bad style.
const textWidth = 72

// page is a manual page under construction.
type page struct{ b strings.Builder }

// newPage opens a page: its title line, its name and what that is.
func newPage(date time.Time, name, section, is string) *page {
	p := &page{}
	p.macro("Dd", date.UTC().Format("January 2, 2006"))
	p.macro("Dt", strings.ToUpper(name), section)
	p.macro("Os")
	p.macro("Sh", "NAME")
	p.macro("Nm", name)
	p.macro("Nd", strings.TrimSuffix(lowerFirst(is), "."))
	return p
}

// macro writes a line with a macro and its arguments as they are.
func (p *page) macro(name string, args ...string) {
	p.b.WriteString(strings.TrimRight("."+name+" "+strings.Join(args, " "), " ") + "\n")
}

// section opens a section, and part a part of one.
func (p *page) section(title string) { p.macro("Sh", strings.ToUpper(title)) }
func (p *page) part(title string)    { p.macro("Ss", argument(title)) }

// paragraphs writes text with empty lines between paragraphs, and lists of
// lines that begin with "- ".
func (p *page) paragraphs(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if items, ok := strings.CutPrefix(paragraph, "- "); ok {
			p.list(strings.Split(items, "\n- "))
			continue
		}
		if i > 0 {
			p.macro("Pp")
		}
		p.text(paragraph)
	}
}

func (p *page) list(items []string) {
	p.macro("Bl", "-bullet")
	for _, item := range items {
		p.macro("It")
		p.text(item)
	}
	p.macro("El")
}

// text writes a paragraph, a new line for each sentence.
func (p *page) text(paragraph string) {
	line := ""
	for _, word := range strings.Fields(inline(paragraph)) {
		if line != "" && len(line)+1+len(word) > textWidth {
			p.line(line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
		if endsSentence(word) {
			p.line(line)
			line = ""
		}
	}
	if line != "" {
		p.line(line)
	}
}

// line writes a line of text that cannot be read as a macro's.
func (p *page) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.b.WriteString(text + "\n")
}

// literal writes lines as they are.
func (p *page) literal(text string) {
	p.macro("Bd", "-literal", "-offset indent")
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		p.line(escape(strings.TrimRight(line, "\n")))
	}
	p.macro("Ed")
}

// references writes a list of pages, "name section" each.
func (p *page) references(pages []string) {
	for i, ref := range pages {
		if i < len(pages)-1 {
			ref += " ,"
		}
		p.macro("Xr", ref)
	}
}

// special are characters that mean something to roff: a backslash, a hyphen
// that has to stay one where it is copied into a shell, quotes that would
// become typographic.
var special = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "^", `\(ha`, "~", `\(ti`, "…", "...")

func escape(text string) string { return special.Replace(text) }

// macroLike is a word that groff_mdoc(7) would call as a macro.
var macroLike = regexp.MustCompile(`^[%A-Z][A-Za-z0-9]{1,2}$`)

// argument is text as one argument of a macro.
func argument(text string) string {
	text = strings.ReplaceAll(escape(text), `"`, `\(dq`)
	if macroLike.MatchString(text) || len(text) == 1 {
		text = `\&` + text
	}
	if strings.ContainsAny(text[max(0, len(text)-1):], ".,:;)]?!") { // or it is a delimiter behind the macro
		text += `\&`
	}
	if strings.ContainsAny(text, " \t") {
		return `"` + text + `"`
	}
	return text
}

var (
	code   = regexp.MustCompile("`([^`]+)`")
	strong = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// inline turns `code` and **strong** into fonts and escapes the rest.
func inline(text string) string {
	text = strong.ReplaceAllString(text, "`$1`")
	var b strings.Builder
	for {
		at := code.FindStringSubmatchIndex(text)
		if at == nil {
			b.WriteString(escape(text))
			return b.String()
		}
		b.WriteString(escape(text[:at[0]]))
		// A space in code is where a line may be broken too, a hyphen is not.
		for i, word := range strings.Fields(text[at[2]:at[3]]) {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(`\fB\%` + escape(word) + `\fR`)
		}
		text = text[at[1]:]
	}
}

// endsSentence tells whether the next word begins a new sentence.
func endsSentence(word string) bool {
	word = strings.TrimRight(strings.ReplaceAll(word, `\fR`, ""), `)"`)
	return strings.HasSuffix(word, ".") && !strings.HasSuffix(word, "..") ||
		strings.HasSuffix(word, "?") || strings.HasSuffix(word, "!")
}

func lowerFirst(s string) string {
	if s == "" || len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' { // an acronym
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// File is a page with its name below a folder of manual pages.
type File struct {
	Path string // man8/webstack-apply.8
	Text []byte
}

func (p *page) file(name, section string) File {
	return File{Path: fmt.Sprintf("man%s/%s.%s", section, name, section), Text: []byte(p.b.String())}
}
