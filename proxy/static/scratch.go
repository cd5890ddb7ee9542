package static

import (
	"strconv"
	"time"
	"unsafe"

	"github.com/webstack/webstack/proxy/header"
)

// Scratch is the memory that answers are made in, so that an answer costs no
// allocation. An [Answer] made in it is valid until the next one is. Its zero
// value is ready.
type Scratch struct {
	fields []header.Field
	parts  []Part
	text   []byte

	// date is the text of one second, since most answers of a second have
	// the same Expires.
	date   [len(fixdate)]byte
	second int64
}

func (s *Scratch) reset() {
	s.fields, s.parts, s.text = s.fields[:0], s.parts[:0], s.text[:0]
}

func (s *Scratch) add(name, value string) {
	s.fields = append(s.fields, header.Field{Name: name, Value: value})
}

// view makes a string of bytes that stay as they are until the next answer.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// since is the text behind a mark. Should the text be moved while it grows,
// the string keeps what it was made of.
func (s *Scratch) since(mark int) string { return view(s.text[mark:]) }

func (s *Scratch) dateOf(t time.Time) string {
	// The zero value is right, too: no second has an empty text.
	if second := t.Unix(); second != s.second || s.date[0] == 0 {
		s.second = second
		t.UTC().AppendFormat(s.date[:0], fixdate)
	}
	return view(s.date[:])
}

// number appends one in decimal.
func (s *Scratch) number(n int64) { s.text = strconv.AppendInt(s.text, n, 10) }

func (s *Scratch) append(text string) { s.text = append(s.text, text...) }
