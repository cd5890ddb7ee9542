package man

import (
	"strings"
	"testing"
	"time"
)

func TestTextBecomesMdoc(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a sentence has a line of its own", "One. Two.", "One.\nTwo.\n"},
		{"code is bold and keeps its hyphens", "say `apply --json`", `say \fB\%apply\fR \fB\%\-\-json\fR` + "\n"},
		{"strong is bold", "**Files**: all", `\fB\%Files\fR: all` + "\n"},
		{"a line never begins a macro", ".hidden", `\&.hidden` + "\n"},
		{"a backslash is one", `a\b`, `a\eb` + "\n"},
		{"an ellipsis ends no sentence", "a ... b", "a ... b\n"},
		{"a long line is broken", strings.Repeat("word ", 16), strings.Repeat("word ", 13) + "word\nword word\n"},
	} {
		p := &page{}
		p.text(c.text)
		if got := p.b.String(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnArgumentIsOneAndNoMacro(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"path", "path"},
		{"two words", `"two words"`},
		{"Ar", `\&Ar`},
		{"]", `\&]\&`},
		{"(a)", `(a)\&`},
		{`a"b`, `a\(dqb`},
	} {
		if got := argument(c.text); got != c.want {
			t.Errorf("argument(%q): got %s, want %s", c.text, got, c.want)
		}
	}
}

func TestExitCodesAreASectionOfTheirOwn(t *testing.T) {
	rest, exits := splitExits("It does.\n\nExit codes: 0 done,\n1 not.\n\nAnd more.")
	if rest != "It does.\n\n\n\nAnd more." || exits != "0 done,\n1 not." {
		t.Errorf("got %q and %q", rest, exits)
	}
}

func TestThePageIsDatedByItsCaller(t *testing.T) {
	p := newPage(time.Unix(0, 0), "x", "8", "Does x.")
	want := ".Dd January 1, 1970\n.Dt X 8\n.Os\n.Sh NAME\n.Nm x\n.Nd does x\n"
	if got := p.b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
