package static

import (
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/header"
)

var (
	modified = time.Date(1994, 11, 6, 8, 49, 37, 500, time.UTC)
	now      = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

const (
	lastModified = "Sun, 06 Nov 1994 08:49:37 GMT"
	etag         = `"2ebc98a1-3e8"`
)

// css is a file of 1000 bytes.
func css() *File {
	f := Describe("css/a.css", false, 1000, modified)
	return &f
}

func get(field, value string) *Request {
	r := &Request{Method: "GET", Path: "/static/css/a.css"}
	switch field {
	case "":
	case "If-Match":
		r.IfMatch = value
	case "If-None-Match":
		r.IfNoneMatch = value
	case "If-Modified-Since":
		r.IfModifiedSince = value
	case "If-Unmodified-Since":
		r.IfUnmodifiedSince = value
	case "Range":
		r.Range = value
	default:
		panic(field)
	}
	return r
}

func text(fields []header.Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

func wantFields(t *testing.T, about string, a Answer, lines ...string) {
	t.Helper()
	if got, want := text(a.Fields), strings.Join(append(lines, ""), "\n"); got != want {
		t.Errorf("%s: got fields\n%swant\n%s", about, got, want)
	}
}

func TestDecideAWholeFile(t *testing.T) {
	a := Decide(get("", ""), css(), &Options{}, now, nil)
	if a.Status != 200 || a.Length != 1000 || a.Offset != 0 || !a.SendBody || a.Parts != nil {
		t.Errorf("got %+v, want the file", a)
	}
	wantFields(t, "a file", a, "Content-Type: text/css; charset=utf-8", "Last-Modified: "+lastModified, "ETag: "+etag, "Accept-Ranges: bytes")

	head := get("Range", "bytes=0-1")
	head.Method = "HEAD"
	a = Decide(head, css(), &Options{}, now, nil)
	if a.Status != 200 || a.Length != 1000 || a.SendBody {
		t.Errorf("HEAD with a Range: got %+v, want the head of a 200", a)
	}
}

func TestDecideExpiresOnTheRightStatuses(t *testing.T) {
	day := 24 * time.Hour
	o := &Options{Expires: &day, Index: "index.html"}
	const expires, control = "Expires: Sat, 03 Jan 2026 03:04:05 GMT\n", "Cache-Control: max-age=86400\n"
	folder := &File{Dir: true}
	for _, tt := range []struct {
		about  string
		r      *Request
		f      *File
		status int
		want   bool
	}{
		{"a file", get("", ""), css(), 200, true},
		{"a range", get("Range", "bytes=0-1"), css(), 206, true},
		{"ranges", get("Range", "bytes=0-1,5-6"), css(), 206, true},
		{"not modified", get("If-None-Match", etag), css(), 304, true},
		{"a folder without a slash", &Request{Method: "GET", Path: "/a"}, folder, 301, true},
		{"a failed precondition", get("If-Match", `"x"`), css(), 412, false},
		{"an unsatisfiable range", get("Range", "bytes=1000-"), css(), 416, false},
		{"a file asked for as a folder", get("", ""), &File{AsFolder: true}, 404, false},
	} {
		a := Decide(tt.r, tt.f, o, now, nil)
		got := text(a.Fields)
		if a.Status != tt.status || strings.Contains(got, expires) != tt.want || strings.Contains(got, control) != tt.want {
			t.Errorf("%s: got %d with\n%swant %d, fresh %v", tt.about, a.Status, got, tt.status, tt.want)
		}
	}
	year := 365 * day
	a := Decide(get("", ""), css(), &Options{Expires: &year, Immutable: true}, now, nil)
	if got := text(a.Fields); !strings.Contains(got, "Cache-Control: max-age=31536000, immutable\n") {
		t.Errorf("immutable: got\n%s", got)
	}
}

func TestX19DecideAFolder(t *testing.T) {
	folder := &File{Dir: true}
	for _, tt := range []struct {
		about, path, query, index string
		status                    int
		isIndex                   bool
		location                  string
	}{
		{"with a slash it may have an index", "/a/", "", "index.html", 0, true, ""},
		{"without an index it is forbidden", "/a/", "", "", 403, false, ""},
		{"without a slash it is redirected", "/a", "", "index.html", 301, false, "/a/"},
		{"the query goes along", "/a", "b=c", "index.html", 301, false, "/a/?b=c"},
		{"the path is encoded again", "/a b/ü%", "", "index.html", 301, false, "/a%20b/%C3%BC%25/"},
		{"no line feed gets out", "/a\r\nX: y", "", "index.html", 301, false, "/a%0D%0AX:%20y/"},
		{"X19 a backslash makes no host", `/\evil.example`, "", "index.html", 301, false, "/%5Cevil.example/"},
	} {
		a := Decide(&Request{Method: "GET", Path: tt.path, Query: tt.query}, folder, &Options{Index: tt.index}, now, nil)
		if a.Status != tt.status || a.Index != tt.isIndex {
			t.Errorf("%s: got %+v, want %d, index %v", tt.about, a, tt.status, tt.isIndex)
		}
		if tt.location != "" {
			wantFields(t, tt.about, a, "Location: "+tt.location)
		}
	}
	index := Describe("a/index.html", false, 5, modified)
	if a := Decide(&Request{Method: "GET", Path: "/a/"}, &index, &Options{Index: "index.html"}, now, nil); a.Status != 200 {
		t.Errorf("the index of a folder: got %d, want 200", a.Status)
	}
	file := Describe("a.css/", false, 5, modified)
	if a := Decide(&Request{Method: "GET", Path: "/a.css/"}, &file, &Options{}, now, nil); a.Status != 404 {
		t.Errorf("a file asked for as a folder: got %d, want 404", a.Status)
	}
}

func TestX17Preconditions(t *testing.T) {
	const later, earlier = "Sun, 06 Nov 1994 08:49:38 GMT", "Sun, 06 Nov 1994 08:49:36 GMT"
	for _, tt := range []struct {
		about string
		r     Request
		want  int
	}{
		{"If-None-Match with the tag", Request{IfNoneMatch: etag}, 304},
		{"If-None-Match compares weakly", Request{IfNoneMatch: "W/" + etag}, 304},
		{"If-None-Match with a list", Request{IfNoneMatch: `"a,b" , W/"c",` + etag}, 304},
		{"If-None-Match with a star", Request{IfNoneMatch: "*"}, 304},
		{"If-None-Match with another tag", Request{IfNoneMatch: `"x"`}, 200},
		{"If-None-Match without quotes", Request{IfNoneMatch: strings.Trim(etag, `"`)}, 200},
		{"If-None-Match with an open quote", Request{IfNoneMatch: `"x`}, 200},
		{"If-None-Match before If-Modified-Since", Request{IfNoneMatch: `"x"`, IfModifiedSince: lastModified}, 200},
		{"If-Modified-Since with the date", Request{IfModifiedSince: lastModified}, 304},
		{"If-Modified-Since in the form of RFC 850", Request{IfModifiedSince: "Sunday, 06-Nov-94 08:49:37 GMT"}, 304},
		{"If-Modified-Since in the form of asctime", Request{IfModifiedSince: "Sun Nov  6 08:49:37 1994"}, 304},
		{"If-Modified-Since with a later date, as nginx", Request{IfModifiedSince: later}, 200},
		{"If-Modified-Since with an earlier date", Request{IfModifiedSince: earlier}, 200},
		{"If-Modified-Since with a bad date", Request{IfModifiedSince: "yesterday"}, 200},
		{"If-Match with the tag", Request{IfMatch: etag}, 200},
		{"If-Match with a star", Request{IfMatch: "*"}, 200},
		{"If-Match compares strongly", Request{IfMatch: "W/" + etag}, 412},
		{"If-Match with another tag", Request{IfMatch: `"x"`}, 412},
		{"If-Match before If-Unmodified-Since", Request{IfMatch: etag, IfUnmodifiedSince: earlier}, 200},
		{"If-Match before If-None-Match", Request{IfMatch: `"x"`, IfNoneMatch: etag}, 412},
		{"If-Match, then If-None-Match", Request{IfMatch: etag, IfNoneMatch: etag}, 304},
		{"If-Unmodified-Since with the date", Request{IfUnmodifiedSince: lastModified}, 200},
		{"If-Unmodified-Since with an earlier date", Request{IfUnmodifiedSince: earlier}, 412},
		{"If-Unmodified-Since with a later date", Request{IfUnmodifiedSince: later}, 200},
		{"If-Unmodified-Since with a bad date", Request{IfUnmodifiedSince: "never"}, 200},
		{"preconditions before Range", Request{IfMatch: `"x"`, Range: "bytes=0-1"}, 412},
		{"If-None-Match before Range", Request{IfNoneMatch: etag, Range: "bytes=0-1"}, 304},
		{"If-Range with the tag", Request{IfRange: etag, Range: "bytes=0-1"}, 206},
		{"If-Range compares strongly", Request{IfRange: "W/" + etag, Range: "bytes=0-1"}, 200},
		{"If-Range with another tag", Request{IfRange: `"x"`, Range: "bytes=0-1"}, 200},
		{"If-Range with the date", Request{IfRange: lastModified, Range: "bytes=0-1"}, 206},
		{"If-Range with a later date", Request{IfRange: later, Range: "bytes=0-1"}, 200},
		{"If-Range with a bad date", Request{IfRange: "x", Range: "bytes=0-1"}, 200},
		{"If-Range hides an unsatisfiable range", Request{IfRange: `"x"`, Range: "bytes=5000-"}, 200},
	} {
		tt.r.Method, tt.r.Path = "GET", "/static/css/a.css"
		if a := Decide(&tt.r, css(), &Options{}, now, nil); a.Status != tt.want {
			t.Errorf("%s: got %d, want %d", tt.about, a.Status, tt.want)
		}
	}
	wantFields(t, "a 304", Decide(get("If-None-Match", etag), css(), &Options{}, now, nil), "Last-Modified: "+lastModified, "ETag: "+etag)
	fresh := Request{Method: "GET", Path: "/a", IfRange: lastModified, Range: "bytes=0-1"}
	if a := Decide(&fresh, css(), &Options{}, modified, nil); a.Status != 200 {
		t.Errorf("If-Range with a date of this second: got %d, want 200", a.Status)
	}
}

func TestDates(t *testing.T) {
	got, ok := parseDate("Sunday, 06-Nov-60 08:49:37 GMT", now)
	if want := time.Date(2060, 11, 6, 8, 49, 37, 0, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("two digits within 50 years: got %v, want %v", got, want)
	}
	got, ok = parseDate("Sunday, 06-Nov-68 08:49:37 GMT", now.AddDate(-20, 0, 0))
	if want := time.Date(1968, 11, 6, 8, 49, 37, 0, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("two digits beyond 50 years: got %v, want %v", got, want)
	}
	for _, bad := range []string{"", "x", lastModified + " ", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:49:37 GMT"} {
		if got, ok := parseDate(bad, now); ok {
			t.Errorf("parseDate(%q) = %v, want none", bad, got)
		}
	}
}

func TestTypes(t *testing.T) {
	for name, want := range map[string]string{
		"a.css": "text/css; charset=utf-8", "dir.js/a.HTML": "text/html; charset=utf-8", "a.min.js": "text/javascript; charset=utf-8",
		"a.json": "application/json", "a.svg": "image/svg+xml", "a": unknownType, "a.": unknownType, "dir.css/a": unknownType,
		"a.woff2": "font/woff2", "a.unknown": unknownType, "a.averyverylongone": unknownType, "a.webmanifest": "application/manifest+json",
	} {
		if got := typeOf(name); got != want {
			t.Errorf("typeOf(%q) = %q, want %q", name, got, want)
		}
	}
}
