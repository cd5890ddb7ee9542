package route

import (
	"errors"
	"strings"
	"testing"
)

func TestX14Clean(t *testing.T) {
	for _, tt := range []struct {
		about, target string
		path, query   string
		err           error
	}{
		{"a plain path is itself", "/a/b.css", "/a/b.css", "", nil},
		{"the query is cut off and left raw", "/a?x=%2e%2e/..&y=/", "/a", "x=%2e%2e/..&y=/", nil},
		{"a second question mark belongs to the query", "/a?b?c", "/a", "b?c", nil},
		{"escapes are decoded, as nginx does", "/%73tatic/a.css", "/static/a.css", "", nil},
		{"slashes are merged, as nginx does", "/static//a.css", "/static/a.css", "", nil},
		{"many slashes in front are one", "////a", "/a", "", nil},
		{"a dot segment vanishes", "/a/./b", "/a/b", "", nil},
		{"a last dot segment leaves the folder", "/a/.", "/a/", "", nil},
		{"two dots go up", "/static/../secret", "/secret", "", nil},
		{"encoded dots go up, as in nginx", "/static/%2e%2E/secret", "/secret", "", nil},
		{"two dots at the end leave the folder above", "/a/b/..", "/a/", "", nil},
		{"up to the root is the root", "/a/..", "/", "", nil},
		{"up to the root and down again", "/a/../b", "/b", "", nil},
		{"a merged slash does not count as a folder", "/a//../b", "/b", "", nil},
		{"above the root is refused", "/..", "", "", errAbove},
		{"above the root is refused further down", "/a/../../b", "", "", errAbove},
		{"above the root with escapes", "/%2e%2e/etc/passwd", "", "", errAbove},
		{"three dots are a name", "/a/.../b", "/a/.../b", "", nil},
		{"a dotfile is a name", "/a/.git/config", "/a/.git/config", "", nil},
		{"a name may begin with two dots", "/static../secret", "/static../secret", "", nil},
		{"a trailing slash stays", "/a/", "/a/", "", nil},
		{"plus is plus", "/a+b", "/a+b", "", nil},
		{"a semicolon is ordinary", "/a;v=1/b", "/a;v=1/b", "", nil},
		{"an encoded slash stays text in one spelling", "/a%2fb", "/a%2Fb", "", nil},
		{"a twice encoded slash reads alike", "/a%252fb", "/a%2fb", "", nil},
		{"a percent sign is decoded once", "/100%25", "/100%", "", nil},
		{"UTF-8 is decoded", "/%E4%BD%A0", "/你", "", nil},
		{"Latin-1 bytes pass", "/caf%E9", "/caf\xe9", "", nil},
		{"a backslash is ordinary", `/a\b`, `/a\b`, "", nil},
		{"an encoded line feed is a byte of the name", "/a%0Ab", "/a\nb", "", nil},
		{"a NUL is refused (X14)", "/a%00.css", "", "", errNUL},
		{"an overlong slash is refused (X14)", "/static/..%c0%afsecret", "", "", errOverlong},
		{"an overlong slash of three bytes", "/%e0%80%af", "", "", errOverlong},
		{"an overlong slash of four bytes", "/%f0%80%80%af", "", "", errOverlong},
		{"dots before an encoded slash are refused", "/static/..%2fsecret", "", "", errHiddenDot},
		{"dots behind an encoded slash are refused", "/static/a%2F..", "", "", errHiddenDot},
		{"dots between encoded slashes, dots encoded", "/a%2f%2e%2e%2fb", "", "", errHiddenDot},
		{"dots with a parameter are refused", "/static/..;/secret", "", "", errHiddenDot},
		{"one dot with a parameter too", "/.;x/secret", "", "", errHiddenDot},
		{"an encoded semicolon is one", "/..%3bx/secret", "", "", errHiddenDot},
		{"dots before a backslash are refused", `/static/..\secret`, "", "", errHiddenDot},
		{"dots before an encoded backslash", `/static/..%5c..%5csecret`, "", "", errHiddenDot},
		{"dots encoded twice are refused", "/%252e%252e/secret", "", "", errHiddenDot},
		{"dots encoded three times", "/.%25252e/secret", "", "", errHiddenDot},
		{"a half escape is refused", "/a%2", "", "", errPercent},
		{"a percent sign alone is refused", "/a%/b", "", "", errPercent},
		{"no hexadecimal digits", "/a%zz", "", "", errPercent},
		{"an asterisk is not a path", "*", "", "", errNotOrigin},
		{"an absolute form is not a path", "http://h/a", "", "", errNotOrigin},
		{"nothing is not a path", "", "", "", errNotOrigin},
		{"a space is refused (R4)", "/a b", "", "", errByte},
		{"a fragment is refused (R4)", "/a#b", "", "", errByte},
		{"a control byte in the query is refused (R4)", "/a?\x01", "", "", errByte},
		{"a non-ASCII byte is refused (R4)", "/\xe9", "", "", errByte},
	} {
		path, query, err := Clean(tt.target)
		if path != tt.path || query != tt.query || !errors.Is(err, tt.err) {
			t.Errorf("%s: Clean(%q) = %q, %q, %v, want %q, %q, %v", tt.about, tt.target, path, query, err, tt.path, tt.query, tt.err)
		}
	}
}

// TestX14NoTraversalLeavesItsFolder combines every spelling of a dot, a slash
// and what stands around them: each is refused, or comes out without a dot
// segment, and none that shows "/static/" as its cleaned front has ever had a
// way out of it for a reader that decodes again.
func TestX14NoTraversalLeavesItsFolder(t *testing.T) {
	dots := []string{"..", "%2e%2e", ".%2e", "%2E.", "%252e%252e", ".%252e", "%c0%ae%c0%ae", "..;", "..;a=b", "..%3b", "..%00", ".../..", "....//"}
	slashes := []string{"/", "//", "%2f", "%2F", "%252f", "%25252f", `\`, "%5c", "%5C", "%255c", "%c0%af", "%e0%80%af", "%c1%9c", "/./", "/%2e/", ";/", "%3b/"}
	n := 0
	for _, front := range []string{"/static/", "/static", "/static//", "/static/x/", "/static/%2e/"} {
		for _, dot := range dots {
			for _, slash := range slashes {
				for depth := 1; depth <= 3; depth++ {
					n++
					target := front + strings.Repeat(dot+slash, depth) + "secret"
					path, _, err := Clean(target)
					if err != nil {
						continue
					}
					wantCleaned(t, target, path)
					if strings.HasPrefix(path, "/static/") && climbs(path) {
						t.Errorf("Clean(%q) = %q, which a second reader climbs out of", target, path)
					}
				}
			}
		}
	}
	t.Logf("%d targets", n)
}

// climbs decodes a path as leniently as anybody might and looks for a dot
// segment.
func climbs(path string) bool {
	for range 4 {
		path = strings.NewReplacer("%25", "%", "%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "/", "%5C", "/", `\`, "/", "%3b", ";", "%3B", ";").Replace(path)
	}
	for segment := range strings.SplitSeq(path, "/") {
		name, _, _ := strings.Cut(segment, ";")
		if name == ".." || name == "." {
			return true
		}
	}
	return false
}

func wantCleaned(t *testing.T, target, path string) {
	t.Helper()
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.ContainsRune(path, 0) {
		t.Errorf("Clean(%q) = %q, which is not clean", target, path)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			t.Errorf("Clean(%q) = %q, which has a dot segment", target, path)
		}
	}
}

func TestCleanDoesNotAllocateForACleanPath(t *testing.T) {
	got := testing.AllocsPerRun(100, func() {
		if _, _, err := Clean("/.well-known/assets/app.3f2a.css?v=1"); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("Clean allocates %v times, want 0", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"/", "/a/../b?c", "/%2e%2e/", "/..%2fx", "/a%252fb", "/..;/x", `/\..\x`, "/%c0%af", "/a%00", "//", "/.", "/%25252e./", "/100%25",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, query, err := Clean(target)
		if err != nil {
			return
		}
		wantCleaned(t, target, path)
		if _, raw, _ := strings.Cut(target, "?"); raw != query {
			t.Errorf("Clean(%q) has the query %q, want it raw", target, query)
		}
		escaped := string(AppendPath(nil, path))
		if again, _, err := Clean(escaped); err != nil || again != path {
			t.Errorf("Clean(%q) = %q, but Clean(%q) = %q, %v", target, path, escaped, again, err)
		}
		stripped, err := Strip(target, "/")
		if err != nil {
			t.Fatalf("Strip(%q): %v", target, err)
		}
		if again, _, err := Clean(stripped); err != nil || again != path {
			t.Errorf("Strip(%q) = %q, whose path is %q, %v, want %q", target, stripped, again, err, path)
		}
	})
}
