package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// syntaxError says what a TOML reader could not read, in words that name the
// text and the remedy: most of what goes wrong here is a missing quote. It
// returns where reading can go on, where only one line is lost.
func (t *tree) syntaxError(message string, at span) (resume int, ok bool) {
	start := t.skip(t.skip(t.done, " \t\r"), " \t\r\n")
	if start > at.start {
		start = t.src.lines[t.src.lineOf(at.start)]
		start = min(t.skip(start, " \t"), at.start)
	}
	s := statement{tree: t, start: start, at: at}
	s.explain(message)

	// The next line is sound ground when this statement began and broke on
	// one line and leaves no bracket or long string open; a broken header
	// would put what follows into the wrong table.
	text := t.src.text
	line := text[start:t.src.lineEnd(start)]
	if t.src.lineOf(start) != t.src.lineOf(at.start) || strings.HasPrefix(line, "[") ||
		strings.Contains(line, `"""`) || strings.Contains(line, "'''") ||
		strings.Count(line, "[") != strings.Count(line, "]") || strings.Count(line, "{") != strings.Count(line, "}") {
		return 0, false
	}
	t.current.broken = true
	t.done = t.src.lineEnd(start)
	if next := t.src.lineOf(start) + 1; next < len(t.src.lines) {
		return t.src.lines[next], true
	}
	return len(text), true
}

// statement is the top-level expression that could not be read.
type statement struct {
	*tree
	// start is where it begins, at what the parser stumbled over.
	start int
	at    span
}

// explain reports the error. The parser's own message is the last resort: it
// speaks of code points.
func (s statement) explain(message string) {
	text := s.src.text
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case !utf8.ValidString(text[s.at.start:s.at.end]) || has("UTF-8"):
		s.fail(s.at, "save the file as UTF-8", "this is not UTF-8, the only encoding of TOML")
	case has("nested more than"):
		s.fail(s.at, "", "lists and tables are nested too deep")
	case has("leading zeroes"):
		s.leadingZero()
	case has("invalid escape"), has("need a character after"), has("unicode escape"), has("hexadecimal digit"), has("not a valid unicode"):
		s.fail(s.at, `write the text between single quotes, where a backslash is itself: '...\d...'`,
			`%s is not an escape that a string in "..." knows`, s.at.text())
	case has("cannot have new lines"), has("unterminated"):
		s.openString()
	case has("not terminated by"):
		s.fail(s.first(), "end it with the same three quotes", "a long string that begins here is never closed")
	case has("array is incomplete"):
		s.fail(s.first(), `add the missing "]"`, "a list that begins in this line is never closed")
	case has("inline table is incomplete"):
		s.fail(s.first(), `add the missing "}"`, "a { ... } that begins in this line is never closed")
	case has("control characters"), has("carriage return"), isControl(text[s.at.start:s.at.end]):
		s.fail(s.at, "delete it", "a control character stands here")
	case text[s.start:min(s.start+1, len(text))] == "[" && s.inHeader():
		s.header()
	case has("after array value"):
		s.fail(s.at, `put a "," between the elements of the list`, "a comma is missing before %s", s.word(s.at.start))
	case has("after inline table key-value"):
		s.fail(s.at, `put a "," between the keys of { ... }`, "a comma is missing before %s", s.word(s.at.start))
	case has("unexpected comma"), has("expected value but got U+002C"):
		s.fail(s.at, "delete it", "there is a comma too many")
	case has("start of key"), has("expected '=' after key"), has("expected key but"):
		s.key()
	default:
		s.unquoted()
	}
}

// isControl says whether a text begins with a control character that is no
// line ending or tab.
func isControl(s string) bool {
	return s != "" && (s[0] < 0x20 && s[0] != '\n' && s[0] != '\t' || s[0] == 0x7f)
}

// first marks the statement's beginning: its key.
func (s statement) first() span {
	end := s.start
	for end < s.src.lineEnd(s.start) && !strings.ContainsRune(" \t=", rune(s.src.text[end])) {
		end++
	}
	return span{s.src, s.start, end}
}

// inHeader says that the error is before the "]" of a header, or that there
// is none.
func (s statement) inHeader() bool {
	return !strings.Contains(s.src.text[s.start:max(s.start, s.at.start)], "]")
}

// header explains a broken [header].
func (s statement) header() {
	line := s.src.text[s.start:s.src.lineEnd(s.start)]
	whole := span{s.src, s.start, s.start + len(line)}
	inner := strings.Trim(strings.TrimSpace(line), "[]")
	if !strings.Contains(line, "]") {
		s.fail(whole, `write `+line+"]", "the header %s is not closed", line)
		return
	}
	s.fail(whole, fmt.Sprintf("a name of other characters than letters, digits, _ and - stands in quotes: %s", quotedHeader(inner)),
		"%s is not a header", strings.TrimSpace(line))
}

// quotedHeader is a header with those parts in quotes that need them.
func quotedHeader(inner string) string {
	cut := strings.IndexAny(inner, `/=*:@%~"' `)
	if cut < 0 {
		return `[site.NAME.routes."/static/"]`
	}
	head := strings.TrimSuffix(inner[:cut], ".")
	if head == "" {
		return "[" + quote(strings.Trim(inner, `"'`)) + "]"
	}
	if !strings.HasSuffix(inner[:cut], ".") { // "app.a@b": the part begins earlier
		if dot := strings.LastIndexByte(head, '.'); dot >= 0 {
			head, cut = head[:dot], dot+1
		} else {
			return "[" + quote(inner) + "]"
		}
	}
	return "[" + head + "." + quote(strings.Trim(inner[cut:], `"'`)) + "]"
}

// leadingZero explains `umask = 022`.
func (s statement) leadingZero() {
	end := s.at.start
	for end < len(s.src.text) && isDigit(s.src.text[end]) {
		end++
	}
	number := s.src.text[s.at.start:end]
	hint := "quote it: " + quote(number)
	if key, ok := s.keyBefore(s.at.start); ok {
		hint = fmt.Sprintf("quote it: %s = %s", key, quote(number))
	}
	s.fail(span{s.src, s.at.start, end}, hint, "the number %s begins with a zero", number)
}

// openString explains a string without its closing quote.
func (s statement) openString() {
	line := s.src.lines[s.src.lineOf(s.at.start)]
	from := max(line, s.start)
	open, in := from, byte(0)
	for i := from; i < s.at.start; i++ {
		switch c := s.src.text[i]; {
		case in == 0 && (c == '"' || c == '\''):
			open, in = i, c
		case in == '"' && c == '\\':
			i++
		case c == in:
			in = 0
		}
	}
	at := span{s.src, open, s.src.lineEnd(open)}
	closing := s.src.text[open:min(open+1, len(s.src.text))]
	s.fail(at, "a string ends on the line that it begins on: add the missing "+closing, "the string %s has no closing quote", strings.TrimSpace(at.text()))
}

// key explains what stands where a key should.
func (s statement) key() {
	text := s.src.text
	end := s.src.lineEnd(s.at.start)
	from := s.at.start
	for from > s.start && !strings.ContainsRune("{,\n", rune(text[from-1])) {
		from--
	}
	from = s.skip(from, " \t")
	line := text[from:max(from, end)]
	name, assigned := cutAssignment(line)
	at := span{s.src, from, from + len(name)}
	switch {
	case name == "":
		at.end = max(end, from)
		s.fail(at, `a line is key = value, or a [header]`, "there is no key before %s", strings.TrimSpace(line))
	case !assigned:
		at.end = from + len(strings.TrimRight(line, " \t\r"))
		word, rest, _ := strings.Cut(strings.TrimRight(line, " \t;"), " ")
		word = strings.TrimSuffix(word, ":")
		if isBare(word) && rest != "" {
			s.fail(at, fmt.Sprintf("write %s = ...", word), "%s is not key = value", strings.TrimSpace(line))
			return
		}
		s.fail(at, `a line is key = value, or a [header]`, "%s is not key = value", strings.TrimSpace(line))
	default:
		s.fail(at, fmt.Sprintf("quote it: %s = ...", quotedKey(name)),
			"the key %s has characters that need quotes", name)
	}
}

// cutAssignment splits `routes./x = {...}` at the "=" that follows the key: a
// key that begins with "=" (`= /x = { ... }`) keeps its own.
func cutAssignment(line string) (name string, ok bool) {
	from := 0
	if strings.HasPrefix(line, "=") {
		from = 1
	}
	name, _, ok = strings.Cut(line[from:], "=")
	return strings.TrimSpace(line[:from] + name), ok
}

// quotedKey quotes the part of a dotted key that needs it.
func quotedKey(name string) string {
	name = strings.NewReplacer(`"`, "", "'", "").Replace(name)
	cut := strings.IndexAny(name, "/=*:@%~ ")
	dot := -1
	if cut >= 0 {
		dot = strings.LastIndexByte(name[:cut], '.')
	}
	return name[:dot+1] + quote(name[dot+1:])
}

// unquoted explains a value that is not in quotes, or has something behind it.
func (s statement) unquoted() {
	text := s.src.text
	from := s.valueStart(s.at.start)
	end := from
	for end < s.src.lineEnd(from) && !strings.ContainsRune(",]}#", rune(text[end])) {
		end++
	}
	for end > from && (text[end-1] == ' ' || text[end-1] == '\t' || text[end-1] == ';') {
		end--
	}
	value := text[from:end]
	key, keyed := s.keyBefore(from)
	switch {
	case value == "":
		at := span{s.src, from, from}
		if keyed {
			s.fail(at, fmt.Sprintf(`write a value, or "" for none: %s = ""`, key), "%s has no value", key)
			return
		}
		s.fail(at, "", "a value is missing")
	case strings.ContainsAny(value[:1], `"'[{`):
		end = max(s.src.lineEnd(s.at.start), s.at.start)
		s.fail(span{s.src, s.at.start, end}, "one statement per line; a comment begins with #",
			"there is text behind the value: %s", clip(strings.TrimSpace(text[s.at.start:end])))
	case keyed:
		s.fail(span{s.src, from, end}, fmt.Sprintf("quote it: %s = %s", key, quote(value)), "the value of %s, %s, is not in quotes", key, value)
	default:
		s.fail(span{s.src, from, end}, "quote it: "+quote(value), "%s is not in quotes", value)
	}
}

// valueStart walks back from inside a value to where it begins.
func (s statement) valueStart(at int) int {
	text := s.src.text
	line := max(s.start, s.src.lines[s.src.lineOf(at)])
	from, in := line, byte(0)
	for i := line; i < at; i++ {
		switch c := text[i]; {
		case in != 0:
			if c == in {
				in = 0
			}
		case c == '"' || c == '\'':
			in = c
		case c == '=' || c == ',' || c == '{' || c == '[':
			from = i + 1
		}
	}
	return min(s.skip(from, " \t"), len(text))
}

// keyBefore is the key whose value begins at the offset, as it is written.
func (s statement) keyBefore(value int) (string, bool) {
	text := s.src.text
	i := value
	for i > s.start && (text[i-1] == ' ' || text[i-1] == '\t') {
		i--
	}
	if i <= s.start || text[i-1] != '=' {
		return "", false
	}
	from := i - 1
	for from > s.start && !strings.ContainsRune("{,\n[", rune(text[from-1])) {
		from--
	}
	key := strings.TrimSpace(text[from : i-1])
	return key, key != ""
}

// word is what begins at the offset, for a message.
func (s statement) word(offset int) string {
	rest := s.src.text[offset:s.src.lineEnd(offset)]
	if cut := strings.IndexAny(rest, " \t,]}"); cut > 0 {
		rest = rest[:cut]
	}
	if rest == "" {
		return "the end of the line"
	}
	return clip(rest)
}

// maxShown bounds what a message repeats of a value, in characters.
const maxShown = 60

// clip shortens a text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown-1]) + "…"
	}
	return s
}
