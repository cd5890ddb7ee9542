package importer

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxJSONDepth bounds how deep an ecosystem file may be nested; encoding/json
// has a bound of its own, far above what one is.
const maxJSONDepth = 64

// value is one JSON value with its line. Objects keep the order of the text.
type value struct {
	line   int
	text   string // of a scalar
	kind   byte   // 's' string, 'n' number, 'b' bool, '0' null, '{', '['
	keys   []string
	values []*value
}

func (v *value) get(key string) *value {
	if v == nil || v.kind != '{' {
		return nil
	}
	for i := len(v.keys) - 1; i >= 0; i-- { // the last of two holds
		if v.keys[i] == key {
			return v.values[i]
		}
	}
	return nil
}

// words are a list of strings, or one that is split.
func (v *value) words() []string {
	if v == nil {
		return nil
	}
	if v.kind != '[' {
		words, err := split(v.text)
		if err != nil {
			return strings.Fields(v.text)
		}
		return words
	}
	var all []string
	for _, e := range v.values {
		all = append(all, e.text)
	}
	return all
}

// jsonReader reads JSON with its lines.
type jsonReader struct {
	decoder *json.Decoder
	text    string
	line    int
	at      int64
}

// place is the line that the decoder has come to.
func (r *jsonReader) place() int {
	to := min(r.decoder.InputOffset(), int64(len(r.text)))
	r.line += strings.Count(r.text[r.at:to], "\n")
	r.at = to
	return r.line
}

func (r *jsonReader) read(depth int) (*value, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	v := &value{line: r.place()}
	switch t := token.(type) {
	case json.Delim:
		if depth >= maxJSONDepth {
			return nil, fmt.Errorf("values are nested more than %d deep", maxJSONDepth)
		}
		v.kind = byte(t)
		for r.decoder.More() {
			line := 0
			if t == '{' {
				key, err := r.decoder.Token()
				if err != nil {
					return nil, err
				}
				name, _ := key.(string)
				v.keys = append(v.keys, name)
				line = r.place()
			}
			inner, err := r.read(depth + 1)
			if err != nil {
				return nil, err
			}
			if line > 0 {
				inner.line = line
			}
			v.values = append(v.values, inner)
		}
		_, err = r.decoder.Token()
		return v, err
	case string:
		v.kind, v.text = 's', t
	case json.Number:
		v.kind, v.text = 'n', t.String()
	case bool:
		v.kind, v.text = 'b', strconv.FormatBool(t)
	default:
		v.kind = '0'
	}
	return v, nil
}

// readJSON reads a whole text.
func readJSON(text string) (*value, int, error) {
	r := &jsonReader{decoder: json.NewDecoder(strings.NewReader(text)), text: text, line: 1}
	r.decoder.UseNumber()
	v, err := r.read(0)
	if err == nil {
		if _, more := r.decoder.Token(); more != io.EOF {
			err = fmt.Errorf("there is more behind the end")
		}
	}
	return v, r.place(), err
}
