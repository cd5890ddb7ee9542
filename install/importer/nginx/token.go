package nginx

import "strings"

// kind is what a token is.
type kind uint8

const (
	// word is a name or an argument.
	word kind = iota
	// semicolon ends a directive without a block.
	semicolon
	// open begins a block.
	open
	// shut ends one.
	shut
	// end is behind the last token.
	end
)

// token is one piece of a text.
type token struct {
	kind kind
	text string
	line int
	// broken says what is wrong with it, "" for nothing.
	broken string
}

// scanner takes a text apart as ngx_conf_read_token does.
type scanner struct {
	text string
	at   int
	line int
}

// next reads one token.
func (s *scanner) next() token {
	s.skip()
	if s.at == len(s.text) {
		return token{kind: end, line: s.line}
	}
	t := token{line: s.line}
	switch s.text[s.at] {
	case ';':
		t.kind = semicolon
	case '{':
		t.kind = open
	case '}':
		t.kind = shut
	case '"', '\'':
		s.quoted(&t)
		return t
	default:
		s.bare(&t)
		return t
	}
	s.at++
	return t
}

// skip goes over white space and comments. A "#" begins a comment only where a
// token could begin.
func (s *scanner) skip() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '\n':
			s.line++
			s.at++
		case ' ', '\t', '\r':
			s.at++
		case '#':
			rest := strings.IndexByte(s.text[s.at:], '\n')
			if rest < 0 {
				rest = len(s.text) - s.at
			}
			s.at += rest
		default:
			return
		}
	}
}

// quoted reads a token in quotes, which may go over lines.
func (s *scanner) quoted(t *token) {
	mark := s.text[s.at]
	s.at++
	var b strings.Builder
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch c {
		case mark:
			s.at++
			if s.at < len(s.text) && strings.IndexByte(" \t\r\n;{)", s.text[s.at]) < 0 {
				t.broken = "a quoted argument is followed by neither a space nor a \";\""
			}
			t.text = b.String()
			return
		case '\\':
			b.WriteString(s.escape())
			continue
		case '\n':
			s.line++
		}
		b.WriteByte(c)
		s.at++
	}
	t.text, t.broken = b.String(), "a quote is never closed"
}

// bare reads a token without quotes. Its "{" belongs to it behind a "$" alone.
func (s *scanner) bare(t *token) {
	var b strings.Builder
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\\':
			b.WriteString(s.escape())
			continue
		case c == '$' && strings.HasPrefix(s.text[s.at:], "${"):
			b.WriteString("${")
			s.at += 2
			continue
		case strings.IndexByte(" \t\r\n;{", c) >= 0:
			t.text = b.String()
			return
		}
		b.WriteByte(c)
		s.at++
	}
	t.text = b.String()
}

// escape reads a backslash and what it escapes. nginx resolves quotes, the
// backslash itself and \t \r \n, and leaves the backslash of all else, which
// is a regular expression's.
func (s *scanner) escape() string {
	if s.at+1 == len(s.text) {
		s.at++
		return `\`
	}
	c := s.text[s.at+1]
	s.at += 2
	switch c {
	case '"', '\'', '\\':
		return string(c)
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case 'n':
		return "\n"
	case '\n':
		s.line++
	}
	return `\` + string([]byte{c})
}

// raw skips a block that holds no directives, to behind its "}", and says
// whether it ends.
func (s *scanner) raw() bool {
	for depth := 1; s.at < len(s.text); {
		s.skip()
		if s.at == len(s.text) {
			break
		}
		switch s.text[s.at] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				s.at++
				return true
			}
		case '"', '\'':
			s.quoted(&token{})
			continue
		}
		s.at++
	}
	return false
}
