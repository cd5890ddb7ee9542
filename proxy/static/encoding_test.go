package static

import (
	"strings"
	"testing"
)

// everything is all compressed forms.
const everything = Encodings(1<<Gzip | 1<<Brotli | 1<<Zstd)

func TestSelect(t *testing.T) {
	gz := Encodings(0).With(Gzip)
	for _, tt := range []struct {
		about, field string
		have         Encodings
		want         Encoding
	}{
		{"no field: nothing is known of the client", "", everything, Identity},
		{"what a browser sends", "gzip, deflate, br, zstd", everything, Zstd},
		{"what an older browser sends", "gzip, deflate, br", everything, Brotli},
		{"what an old browser sends", "gzip, deflate", everything, Gzip},
		{"what there is not is not chosen", "gzip, deflate, br, zstd", gz, Gzip},
		{"nothing there", "gzip, br, zstd", 0, Identity},
		{"nothing that is known", "deflate, compress", everything, Identity},
		{"the order does not count", "zstd, br, gzip", everything, Zstd},
		{"the weight does", "zstd;q=0.1, br;q=0.5, gzip", everything, Gzip},
		{"of equal weights the smallest form", "gzip;q=0.5, br;q=0.5", everything, Brotli},
		{"a thousandth counts", "gzip;q=0.501, br;q=0.500", everything, Gzip},
		{"a weight of nothing forbids", "gzip;q=0, br;q=0.0, zstd;q=0.000", everything, Identity},
		{"a low weight is more than the unlisted identity's", "gzip;q=0.001", everything, Gzip},
		{"identity is preferred where it says so", "gzip;q=0.5, identity", everything, Identity},
		{"and is not where both are liked alike", "gzip;q=0.5, identity;q=0.5", everything, Gzip},
		{"identity forbidden", "identity;q=0, gzip;q=0.1", everything, Gzip},
		{"identity forbidden and nothing else there", "identity;q=0", everything, Identity},
		{"anything", "*", everything, Zstd},
		{"anything, identity more", "*;q=0.5, identity", everything, Identity},
		{"anything but", "zstd;q=0, *", everything, Brotli},
		{"nothing but", "gzip, *;q=0", everything, Gzip},
		{"the names have no case", "GZip", everything, Gzip},
		{"x-gzip is gzip", "x-gzip", everything, Gzip},
		{"a name that only begins alike", "gzipped, brr", everything, Identity},
		{"white space around all but the equals sign", " \tgzip ; \tq=0.5\t,  br;q=0.4 ", everything, Gzip},
		{"empty elements", ",, gzip,", everything, Gzip},
		{"a coding twice has its first weight", "gzip;q=0, gzip", everything, Identity},
		{"the Q may be large", "gzip;Q=0", everything, Identity},
		{"an unknown coding with a weight", "compress;q=1.000, gzip", everything, Gzip},

		{"a weight above one", "gzip;q=1.001", everything, Identity},
		{"a weight of two", "gzip;q=2", everything, Identity},
		{"four digits", "gzip;q=0.1234", everything, Identity},
		{"no digit", "gzip;q=", everything, Identity},
		{"a sign", "gzip;q=-1", everything, Identity},
		{"letters in a weight", "gzip;q=0.x", everything, Identity},
		{"a space in a weight", "gzip;q= 1", everything, Identity},
		{"another parameter", "gzip;level=1", everything, Identity},
		{"two parameters", "gzip;q=1;q=1", everything, Identity},
		{"no name", ";q=1", everything, Identity},
		{"a space in a name", "g zip", everything, Identity},
		{"one bad element spoils the field", "br, gzip;q=x", everything, Identity},
	} {
		if got := Select(tt.field, tt.have); got != tt.want {
			t.Errorf("%s: Select(%q) = %q, want %q", tt.about, tt.field, got.Token(), tt.want.Token())
		}
	}
	if got := Select("gzip;q=1.", everything); got != Gzip {
		t.Errorf("a point without digits is of the grammar: got %q, want gzip", got.Token())
	}
}

func FuzzSelect(f *testing.F) {
	for _, seed := range []string{"gzip, deflate, br, zstd", "*;q=0.5,identity;q=0", "gzip;q=1.001", ";;,", "x-gzip ; q=0.3"} {
		f.Add(seed, uint8(everything))
	}
	f.Fuzz(func(t *testing.T, field string, have uint8) {
		e := Select(field, Encodings(have)&everything)
		if e == Identity {
			return
		}
		if !(Encodings(have) & everything).Has(e) {
			t.Fatalf("Select(%q, %b) chose %q, which is not there", field, have, e.Token())
		}
		if lower := strings.ToLower(field); !strings.Contains(lower, e.Token()) && !strings.Contains(lower, "*") {
			t.Fatalf("Select(%q) chose %q, which the client did not ask for", field, e.Token())
		}
	})
}

// brotli is a compressed form of css, of 400 bytes.
func brotli() *File {
	f := DescribeEncoded("css/a.css", Brotli, 400, modified)
	return &f
}

const brotliTag = `"2ebc98a1-190-br"`

func TestX17ACompressedFormIsARepresentationOfItsOwn(t *testing.T) {
	o := &Options{Precompressed: true}
	whole := Decide(get("", ""), brotli(), o, now, nil)
	if whole.Status != 200 || whole.Length != 400 {
		t.Errorf("got %+v, want the 400 bytes of the form", whole)
	}
	wantFields(t, "the form", whole, "Content-Type: text/css; charset=utf-8", "Last-Modified: "+lastModified,
		"ETag: "+brotliTag, "Accept-Ranges: bytes", "Content-Encoding: br", "Vary: Accept-Encoding")
	wantFields(t, "the file itself", Decide(get("", ""), css(), o, now, nil), "Content-Type: text/css; charset=utf-8",
		"Last-Modified: "+lastModified, "ETag: "+etag, "Accept-Ranges: bytes", "Vary: Accept-Encoding")

	same := DescribeEncoded("css/a.css", Gzip, 1000, modified)
	if same.ETag == css().ETag {
		t.Error("a form of the same time and size has the tag of the file")
	}
	for _, tt := range []struct {
		about string
		r     *Request
		f     *File
		want  int
	}{
		{"the form's tag meets the form", get("If-None-Match", brotliTag), brotli(), 304},
		{"the file's tag does not meet the form", get("If-None-Match", etag), brotli(), 200},
		{"the form's tag does not meet the file", get("If-None-Match", brotliTag), css(), 200},
		{"a failed precondition", get("If-Match", etag), brotli(), 412},
		{"a range behind the form's end", get("Range", "bytes=400-"), brotli(), 416},
		{"one within it", get("Range", "bytes=399-"), brotli(), 206},
		{"a range for the file is not answered with the form's", &Request{Method: "GET", Path: "/a.css", Range: "bytes=0-9", IfRange: etag}, brotli(), 200},
		{"a range for the form is", &Request{Method: "GET", Path: "/a.css", Range: "bytes=0-9", IfRange: brotliTag}, brotli(), 206},
	} {
		a := Decide(tt.r, tt.f, o, now, nil)
		if a.Status != tt.want {
			t.Errorf("%s: got %d, want %d", tt.about, a.Status, tt.want)
		}
		if got := text(a.Fields); !strings.Contains(got, "Vary: Accept-Encoding\n") {
			t.Errorf("%s: a %d without Vary:\n%s", tt.about, a.Status, got)
		}
	}
	part := Decide(get("Range", "bytes=0-9"), brotli(), o, now, nil)
	if got := text(part.Fields); !strings.Contains(got, "Content-Range: bytes 0-9/400\n") || !strings.Contains(got, "Content-Encoding: br\n") {
		t.Errorf("a range of the form: got\n%s", got)
	}
}
