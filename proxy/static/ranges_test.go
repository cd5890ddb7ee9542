package static

import (
	"fmt"
	"strings"
	"testing"
)

func TestX16Ranges(t *testing.T) {
	for _, tt := range []struct {
		about, field string
		size         int64
		want         string
	}{
		{"first and last", "bytes=0-499", 1000, "0+500"},
		{"from a position", "bytes=500-", 1000, "500+500"},
		{"a suffix", "bytes=-10", 1000, "990+10"},
		{"a suffix longer than the file", "bytes=-5000", 1000, "0+1000"},
		{"the last byte", "bytes=999-999", 1000, "999+1"},
		{"a last behind the end", "bytes=990-5000", 1000, "990+10"},
		{"a last beyond any number", "bytes=990-99999999999999999999", 1000, "990+10"},
		{"the unit has no case", "Bytes=0-0", 1000, "0+1"},
		{"white space and empty elements", "bytes= 0-0 , ,\t5-5", 1000, "0+1 5+1"},
		{"several", "bytes=0-0,10-19,-1", 1000, "0+1 10+10 999+1"},
		{"several are put in order", "bytes=500-509,0-9", 1000, "0+10 500+10"},
		{"overlapping ones are merged", "bytes=0-9,5-19", 1000, "0+20"},
		{"adjacent ones are merged", "bytes=0-9,10-19", 1000, "0+20"},
		{"one inside of another", "bytes=0-99,10-19,200-", 1000, "0+100 200+800"},
		{"the whole file over and over", "bytes=0-,0-,0-,0-", 1000, "0+1000"},
		{"what does not fit is left out", "bytes=5000-,0-0", 1000, "0+1"},
		{"nothing fits", "bytes=1000-,2000-3000", 1000, "416"},
		{"a suffix of nothing", "bytes=-0", 1000, "416"},
		{"a first beyond any number", "bytes=99999999999999999999-", 1000, "416"},
		{"an empty file", "bytes=0-", 0, "whole"},
		{"a suffix of an empty file", "bytes=-5", 0, "whole"},
		{"another unit", "lines=0-5", 1000, "whole"},
		{"no unit", "0-5", 1000, "whole"},
		{"nothing", "bytes=", 1000, "whole"},
		{"a dash alone", "bytes=-", 1000, "whole"},
		{"backwards", "bytes=5-4", 1000, "whole"},
		{"a sign", "bytes=+5-6", 1000, "whole"},
		{"a space inside", "bytes=5 -6", 1000, "whole"},
		{"hexadecimal", "bytes=0x5-6", 1000, "whole"},
		{"two dashes", "bytes=1-2-3", 1000, "whole"},
		{"one bad among good ones", "bytes=0-1,x", 1000, "whole"},
		{"sixteen", "bytes=" + every(16), 1000, spread(16)},
		{"seventeen", "bytes=" + every(17), 1000, "whole"},
		{"a flood", "bytes=" + strings.Repeat("0-,", 2000), 1000, "whole"},
	} {
		s, verdict := parseRanges(tt.field, tt.size)
		got := map[rangeVerdict]string{ignoreRange: "whole", unsatisfiable: "416"}[verdict]
		if verdict == satisfiable {
			var list []string
			for _, one := range s.list[:s.n] {
				list = append(list, fmt.Sprintf("%d+%d", one.offset, one.length))
			}
			got = strings.Join(list, " ")
		}
		if got != tt.want {
			t.Errorf("%s: %.60q of %d: got %s, want %s", tt.about, tt.field, tt.size, got, tt.want)
		}
	}
}

func TestX16Answers(t *testing.T) {
	one := Decide(get("Range", "bytes=10-19"), css(), &Options{}, now, nil)
	if one.Status != 206 || one.Offset != 10 || one.Length != 10 || !one.SendBody || one.Parts != nil {
		t.Errorf("one range: got %+v", one)
	}
	wantFields(
		t, "one range", one, "Content-Type: text/css; charset=utf-8", "Last-Modified: "+lastModified, "ETag: "+etag,
		"Accept-Ranges: bytes", "Content-Range: bytes 10-19/1000",
	)
	none := Decide(get("Range", "bytes=1000-"), css(), &Options{}, now, nil)
	if none.Status != 416 || none.SendBody {
		t.Errorf("an unsatisfiable range: got %+v", none)
	}
	wantFields(t, "an unsatisfiable range", none, "Content-Range: bytes */1000")

	two := Decide(get("Range", "bytes=0-1,-3"), css(), &Options{}, now, nil)
	boundary := strings.TrimPrefix(two.Fields[0].Value, "multipart/byteranges; boundary=")
	if len(boundary) != 16 {
		t.Fatalf("the boundary of %q has not 16 digits", two.Fields[0].Value)
	}
	var body strings.Builder
	for _, p := range two.Parts {
		fmt.Fprintf(&body, "%s<%d+%d>", p.Head, p.Offset, p.Length)
	}
	body.WriteString(two.Tail)
	part := "--" + boundary + "\r\nContent-Type: text/css; charset=utf-8\r\nContent-Range: bytes "
	want := part + "0-1/1000\r\n\r\n<0+2>\r\n" + part + "997-999/1000\r\n\r\n<997+3>\r\n--" + boundary + "--\r\n"
	if body.String() != want {
		t.Errorf("two ranges: got\n%q\nwant\n%q", body.String(), want)
	}
	if length := int64(len(want) - len("<0+2><997+3>") + 5); two.Length != length {
		t.Errorf("two ranges: got length %d, want %d", two.Length, length)
	}
}

func FuzzRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-", "bytes=-1", "bytes=0-1,1-2,5-", "bytes=9-1", "bytes=99999999999999999999-", "bytes= , 3-"} {
		f.Add(seed, int64(10))
	}
	f.Fuzz(func(t *testing.T, field string, size int64) {
		if size < 0 {
			return
		}
		s, verdict := parseRanges(field, size)
		if verdict != satisfiable {
			return
		}
		end := int64(-1)
		for _, one := range s.list[:s.n] {
			if one.length <= 0 || one.offset <= end || one.offset+one.length > size || one.offset+one.length < 0 {
				t.Fatalf("parseRanges(%q, %d) has the spans %v", field, size, s.list[:s.n])
			}
			end = one.offset + one.length
		}
	})
}

// every is n ranges of one byte, ten apart; spread is what they come to.
func every(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%d-%d", i*10, i*10))
	}
	return strings.Join(list, ",")
}

func spread(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%d+1", i*10))
	}
	return strings.Join(list, " ")
}
