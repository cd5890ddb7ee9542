package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Diagnostic is one thing that is wrong with the spec, said for the operator.
type Diagnostic struct {
	Position Position
	// Message is a sentence without a final period, lower case:
	// `upstream "shpo" is not an app`.
	Message string
	// Hint is the remedy, or "".
	Hint string
	// Excerpt is the line of the text that Position names.
	Excerpt string
}

// File is one file of the spec, in the order in which they are merged.
type File struct {
	// Name is shown in positions ("webstack.toml", "conf.d/shop.toml").
	Name string
	Data []byte
	// Override says that the file may replace keys (override.d).
	Override bool
}

// maxExcerpt is how many characters of a long line are shown: two carets must
// still stand under what they mark on a terminal of usual width.
const maxExcerpt = 100

// String is "FILE:LINE:COLUMN", as an editor and a terminal link take it; a
// position that is nowhere is "".
func (p Position) String() string {
	if p.File == "" {
		return ""
	}
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// place is the short form in which a message names another spot.
func (p Position) place() string {
	if p.File == "" {
		return "built in"
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// String renders the diagnostic as `webstack check` prints it, without a final
// line ending:
//
//	webstack: error: webstack.toml:9:15: route "/" goes to app "x", which is not defined
//	   9 | "/" = { app = "x" }
//	     |               ^^^
//	webstack: hint: did you mean "y"?
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString("webstack: error: ")
	if where := d.Position.String(); where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(d.Message)
	if d.Excerpt != "" && d.Position.Line > 0 {
		text, carets := d.mark()
		fmt.Fprintf(&b, "\n%4d | %s\n", d.Position.Line, text)
		fmt.Fprintf(&b, "%*s | %s", max(4, len(fmt.Sprint(d.Position.Line))), "", carets)
	}
	if d.Hint != "" {
		b.WriteString("\nwebstack: hint: " + d.Hint)
	}
	return b.String()
}

// mark returns the excerpt, made safe for a terminal and cut to a window, and
// the line of carets that goes below it.
func (d Diagnostic) mark() (text, carets string) {
	runes := []rune(d.Excerpt)
	first := min(max(d.Position.Column-1, 0), len(runes))
	last := min(first+max(d.Position.Length, 1), len(runes))

	from, to := 0, len(runes)
	if to > maxExcerpt {
		from = min(max(0, first-maxExcerpt/3), to-maxExcerpt)
		to = from + maxExcerpt
		last = min(last, to)
	}
	var line, below strings.Builder
	if from > 0 {
		line.WriteString("…")
		below.WriteByte(' ')
	}
	for i := from; i < to; i++ {
		r := runes[i]
		if r != '\t' {
			r = visible(r)
		}
		line.WriteRune(r)
		switch {
		case i >= last:
		case i >= first:
			below.WriteString(strings.Repeat("^", max(1, columns(r))))
		case r == '\t':
			below.WriteByte('\t') // a tab below a tab ends at the same stop
		default:
			below.WriteString(strings.Repeat(" ", columns(r)))
		}
	}
	if to < len(runes) {
		line.WriteString("…")
	}
	if first >= last {
		below.WriteByte('^') // behind the end of the line
	}
	return line.String(), below.String()
}

// wide are the blocks that terminals draw two columns wide (Unicode's UAX #11,
// W and F, by whole blocks).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1},
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1},
		{Lo: 0x3041, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// columns is how many columns of a terminal a character takes.
func columns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// visible replaces a character that would steer the terminal, or hide, in a
// text that repeats what a file holds.
func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
		return '�'
	}
	return r
}

// printable makes a text safe to show.
func printable(s string) string {
	return strings.Map(visible, strings.ToValidUTF8(s, "�"))
}

// diagnose makes the diagnostic for a range of the text.
func diagnose(at span, hint, message string) Diagnostic {
	d := Diagnostic{Position: at.position(), Message: printable(message), Hint: printable(hint)}
	if at.src != nil {
		d.Excerpt = at.src.line(min(at.start, len(at.src.text)))
	}
	return d
}

// sortDiagnostics brings them into the order in which an operator works
// through the files, and drops what is said twice.
func sortDiagnostics(all []Diagnostic, order map[string]int) []Diagnostic {
	slices.SortStableFunc(all, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(order[a.Position.File], order[b.Position.File]),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(all)
}
