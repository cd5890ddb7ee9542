package route

import "testing"

func TestR12SplitTarget(t *testing.T) {
	for _, tt := range []struct {
		about, target, authority, origin string
		ok                               bool
	}{
		{"an origin-form is itself", "/a?b", "", "/a?b", true},
		{"an absolute-form is split", "http://h:81/a?b", "h:81", "/a?b", true},
		{"the scheme has no case", "HTTPS://h/a", "h", "/a", true},
		{"an empty path is the root", "http://h", "h", "/", true},
		{"a query behind the authority", "http://h?b", "h", "/?b", true},
		{"user information is refused", "http://u@h/a", "", "", false},
		{"another scheme is refused", "ftp://h/a", "", "", false},
		{"an empty authority is refused", "http:///a", "", "", false},
		{"an asterisk is refused", "*", "", "", false},
	} {
		authority, origin, err := SplitTarget(tt.target)
		if authority != tt.authority || origin != tt.origin || (err == nil) != tt.ok {
			t.Errorf("%s: SplitTarget(%q) = %q, %q, %v", tt.about, tt.target, authority, origin, err)
		}
	}
}

func TestStrip(t *testing.T) {
	for _, tt := range []struct {
		about, target, prefix, want string
	}{
		{"the prefix goes, the query stays", "/api/a?b=/api", "/api", "/a?b=/api"},
		{"below as well", "/api/a", "/api/", "/a"},
		{"the prefix alone leaves the root", "/api", "/api", "/"},
		{"the prefix with a query leaves the root", "/api?x", "/api", "/?x"},
		{"the prefix with a slash leaves the root", "/api/", "/api", "/"},
		{"the root strips nothing", "/a/b", "/", "/a/b"},
		{"an encoded prefix is the prefix", "/%61pi/a", "/api", "/a"},
		{"what remains keeps its encoding", "/api/a%2Fb;c%20d", "/api", "/a%2Fb;c%20d"},
		{"dot segments are resolved first", "/api/x/../../api/y", "/api", "/y"},
		{"a way into the prefix", "/x/../api/y", "/api", "/y"},
		{"merged slashes do not make a host", "/api//evil.example", "/api", "/evil.example"},
		{"an encoded segment of the prefix", "/v%31/%61pi/a", "/v1/api/", "/a"},
		{"a folder stays a folder", "/api/a/.", "/api", "/a/"},
		{"the prefix as a folder", "/api/a/..", "/api", "/"},
		{"a name outside of ASCII", "/%E4%BD%A0/a", "/你", "/a"},
	} {
		if got, err := Strip(tt.target, tt.prefix); got != tt.want || err != nil {
			t.Errorf("%s: Strip(%q, %q) = %q, %v, want %q", tt.about, tt.target, tt.prefix, got, err, tt.want)
		}
	}
	if got, err := Strip("/api/../..", "/api"); err == nil {
		t.Errorf("Strip of a target above the root = %q, want an error", got)
	}
}
