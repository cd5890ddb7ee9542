package units

import (
	"slices"
	"testing"
)

func TestStaticParents(t *testing.T) {
	for _, c := range []struct {
		name        string
		roots, want []string
	}{
		{"a folder of an app in a home: the app's", []string{"/home/ly/analysisweb/static/"}, []string{"/home/ly/analysisweb"}},
		{"a folder of a home: itself, not the home", []string{"/home/ly/static"}, []string{"/home/ly/static"}},
		{"a home: itself, as was asked", []string{"/home/ly"}, []string{"/home/ly"}},
		{"below /root", []string{"/root/site/static"}, []string{"/root/site"}},
		{"directly below /root", []string{"/root/static"}, []string{"/root/static"}},
		{"below /tmp, which is private", []string{"/tmp/a/b", "/var/tmp/x"}, []string{"/tmp/a", "/var/tmp/x"}},
		{"what is in view needs nothing", []string{"/srv", "/srv/reports/", "/var/www/x", "/homes/x/y"}, nil},
		{"nor what must never be bound", []string{"/", "/proc/self", "/dev/shm", "/sys", "/run/x"}, nil},
		{"twice is once", []string{"/home/a/b/c", "/home/a/b/d"}, []string{"/home/a/b"}},
		{"the outer one shows the inner", []string{"/home/a/b/c/d", "/home/a/b/x", "/home/a/bc/x"}, []string{"/home/a/b", "/home/a/bc"}},
		{"a path that climbs", []string{"/srv/../home/a/b/../c/d"}, []string{"/home/a/c"}},
		{"a path that climbs out", []string{"/home/a/../../srv/x"}, nil},
	} {
		if got := StaticParents(c.roots); !slices.Equal(got, c.want) {
			t.Errorf("%s: StaticParents(%q) = %q, want %q", c.name, c.roots, got, c.want)
		}
	}
}
