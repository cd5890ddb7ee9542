package static

import (
	"reflect"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/header"
)

// scratchCase is an answer of the steady state.
type scratchCase struct {
	about  string
	r      *Request
	status int
}

func scratchCases() []scratchCase {
	return []scratchCase{
		{"a file", get("", ""), 200},
		{"a folder without a slash", &Request{Method: "GET", Path: "/a b", Query: "c"}, 301},
		{"not modified by tag", get("If-None-Match", `"a", W/`+etag), 304},
		{"not modified by date", get("If-Modified-Since", lastModified), 304},
		{"modified since another date", get("If-Modified-Since", "Sun, 06 Nov 1994 08:49:38 GMT"), 200},
		{"an obsolete form of the date", get("If-Modified-Since", "Sun Nov  6 08:49:37 1994"), 304},
		{"a failed precondition", get("If-Match", `"a"`), 412},
		{"a range", get("Range", "bytes=10-19"), 206},
		{"ranges", get("Range", "bytes=10-19,200-,0-3"), 206},
		{"an unsatisfiable range", get("Range", "bytes=1000-"), 416},
	}
}

func scratchFile(c scratchCase) *File {
	if c.status == 301 {
		return &File{Dir: true}
	}
	return css()
}

func TestDecideAllocatesNothingWithAScratch(t *testing.T) {
	year := 365 * 24 * time.Hour
	o := &Options{Expires: &year, Immutable: true, Index: "index.html", Precompressed: true}
	for _, tt := range scratchCases() {
		var s Scratch
		f, status := scratchFile(tt), 0
		moment := now
		got := testing.AllocsPerRun(100, func() {
			moment = moment.Add(300 * time.Millisecond)
			e := Select("gzip, deflate, br, zstd", everything)
			status = Decide(tt.r, f, o, moment, &s).Status + int(Zstd-e)
		})
		if got != 0 || status != tt.status {
			t.Errorf("%s: %v allocations for a %d, want none for a %d", tt.about, got, status, tt.status)
		}
	}
}

func TestAnAnswerIsTheSameWhereverItIsMade(t *testing.T) {
	day, week := 24*time.Hour, 7*24*time.Hour
	var s Scratch
	moment := now
	for range 3 {
		for _, o := range []*Options{{}, {Expires: &day}, {Expires: &week, Precompressed: true}, {Immutable: true}} {
			for _, tt := range scratchCases() {
				moment = moment.Add(400 * time.Millisecond)
				got := Decide(tt.r, scratchFile(tt), o, moment, &s)
				want := Decide(tt.r, scratchFile(tt), o, moment, nil)
				// Nothing is as good as an empty list.
				got.Fields, want.Fields = append([]header.Field{}, got.Fields...), append([]header.Field{}, want.Fields...)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: with a scratch\n%+v\nwithout\n%+v", tt.about, got, want)
				}
			}
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	day := 24 * time.Hour
	for _, tt := range scratchCases() {
		b.Run(tt.about, func(b *testing.B) {
			f, o := scratchFile(tt), &Options{Expires: &day, Precompressed: true}
			var s Scratch
			b.ReportAllocs()
			for b.Loop() {
				Decide(tt.r, f, o, now, &s)
			}
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Select("gzip, deflate, br, zstd", everything)
	}
}
