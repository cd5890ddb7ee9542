package route

import (
	"fmt"
	"strings"
	"testing"
)

func mustCompile(t testing.TB, sites ...Site) *Table {
	t.Helper()
	table, err := Compile(sites)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestMatchPaths(t *testing.T) {
	table := mustCompile(t, Site{Name: "s", Routes: []Route{
		{Prefix, "/", 0},
		{Below, "/static/", 1},
		{Prefix, "/api", 2},
		{Below, "/api/", 3},
		{Exact, "/api", 4},
		{Prefix, "/api/v2", 5},
		{Exact, "/", 6},
		{Prefix, "/b", 7},
	}})
	for _, tt := range []struct {
		about, path string
		want        int
	}{
		{"exact comes first", "/api", 4},
		{"exact works for the root", "/", 6},
		{"below is longer than the prefix", "/api/x", 3},
		{"below has the folder itself", "/api/", 3},
		{"the longest wins", "/api/v2/x", 5},
		{"the longest wins on itself", "/api/v2", 5},
		{"whole segments only", "/api/v22", 3},
		{"whole segments only, at the top", "/apiary", 0},
		{"a prefix has what is below", "/b/c/d", 7},
		{"a prefix has its folder", "/b/", 7},
		{"below does not have the name without a slash, as in nginx", "/static", 0},
		{"below has what is below", "/static/css/a.css", 1},
		{"an alias trap goes to the root", "/static../secret", 0},
		{"far below the longest route", "/" + strings.Repeat("x/", 50) + "y", 0},
	} {
		if got, v := table.Match("h", tt.path); got != tt.want || v != Found {
			t.Errorf("%s: Match(%q) = %d, %v, want %d", tt.about, tt.path, got, v, tt.want)
		}
	}
}

func TestX14AnEncodedSlashNeverChoosesTheRoute(t *testing.T) {
	table := mustCompile(t, Site{Name: "s", Routes: []Route{
		{Prefix, "/", 0},
		{Prefix, "/admin", 1},
		{Exact, "/a/b", 2},
	}})
	for _, tt := range []struct {
		target string
		want   Verdict
	}{
		{"/projects/group%2Fname", Found},
		{"/admin/a%2Fb", Found},
		{"/admin%2Fusers", Ambiguous},
		{"/%2Fadmin/users", Ambiguous},
		{"/admin%252Fusers", Ambiguous},
		{"/a%2Fb", Ambiguous},
	} {
		path, _, err := Clean(tt.target)
		if err != nil {
			t.Fatalf("Clean(%q): %v", tt.target, err)
		}
		if got, v := table.Match("h", path); v != tt.want {
			t.Errorf("Match(%q) = %d, %v, want verdict %v", tt.target, got, v, tt.want)
		}
	}
}

func TestMatchHosts(t *testing.T) {
	root := func(target int) []Route { return []Route{{Prefix, "/", target}} }
	table := mustCompile(
		t,
		Site{"exact", []string{"example.com", "[::1]"}, root(0)},
		Site{"wild", []string{"*.example.com"}, root(1)},
		Site{"longer", []string{"*.eu.example.com"}, root(2)},
		Site{"other", nil, root(3)},
		Site{"one", []string{"one.example.com"}, []Route{{Below, "/x/", 4}}},
	)
	for _, tt := range []struct {
		about, host string
		want        int
		v           Verdict
	}{
		{"an exact name", "example.com", 0, Found},
		{"any case", "EXAMPLE.com", 0, Found},
		{"any port", "example.com:8081", 0, Found},
		{"an empty port", "example.com:", 0, Found},
		{"a trailing dot", "example.com.:80", 0, Found},
		{"a wildcard", "www.example.com", 1, Found},
		{"a wildcard has deeper names", "a.b.example.com", 1, Found},
		{"the longest wildcard", "www.eu.example.com", 2, Found},
		{"a wildcard does not have its own name", "eu.example.com", 1, Found},
		{"the exact name before the wildcard, though its routes lack the path", "one.example.com", 0, NoRoute},
		{"another host", "example.org", 3, Found},
		{"no dot boundary, no wildcard", "badexample.com", 3, Found},
		{"no host at all (HTTP/1.0)", "", 3, Found},
		{"an address", "127.0.0.1:80", 3, Found},
		{"an IPv6 literal", "[0:0::1]:80", 0, Found},
		{"another IPv6 literal", "[::2]", 3, Found},
		{"an IPv6 literal without brackets", "::1", 0, BadHost},
		{"an IPv6 zone", "[fe80::1%25eth0]", 0, BadHost},
		{"an open bracket", "[::1", 0, BadHost},
		{"text behind the bracket", "[::1]x", 0, BadHost},
		{"an IPv4 address in brackets", "[127.0.0.1]", 0, BadHost},
		{"user information (R11)", "a@example.com", 0, BadHost},
		{"a path (R11)", "example.com/x", 0, BadHost},
		{"a space (R11)", "example.com x", 0, BadHost},
		{"a line feed (R11)", "example.com\n", 0, BadHost},
		{"a port that is none (R11)", "example.com:80a", 0, BadHost},
		{"a port that is too high (R11)", "example.com:65536", 0, BadHost},
		{"two ports (R11)", "example.com:80:80", 0, BadHost},
		{"a port alone (R11)", ":80", 0, BadHost},
		{"a dot alone (R11)", ".", 0, BadHost},
		{"a name that is too long (R11)", strings.Repeat("a", 300), 0, BadHost},
	} {
		if got, v := table.Match(tt.host, "/a"); got != tt.want || v != tt.v {
			t.Errorf("%s: Match(%q) = %d, %v, want %d, %v", tt.about, tt.host, got, v, tt.want, tt.v)
		}
	}
}

func TestMatchWithoutADefaultSite(t *testing.T) {
	table := mustCompile(t, Site{"s", []string{"a.example"}, []Route{{Prefix, "/x", 7}}})
	for _, tt := range []struct {
		host, path string
		v          Verdict
		status     int
	}{
		{"a.example", "/x", Found, 200},
		{"a.example", "/y", NoRoute, 404},
		{"b.example", "/x", NoSite, 421},
		{"", "/x", NoSite, 421},
		{"b example", "/x", BadHost, 400},
	} {
		if _, v := table.Match(tt.host, tt.path); v != tt.v || v.Status() != tt.status {
			t.Errorf("Match(%q, %q) = %v, status %d, want %v, %d", tt.host, tt.path, v, v.Status(), tt.v, tt.status)
		}
	}
}

func TestCompileNamesEveryProblem(t *testing.T) {
	_, err := Compile([]Site{
		{Name: "one", Routes: []Route{
			{Prefix, "/a", 0},
			{Prefix, "/a", 1},
			{Below, "/b", 2},
			{Prefix, "/c/", 3},
			{Prefix, "d", 4},
			{Exact, "/e/../f", 5},
			{Kind("regex"), "/g", 6},
			{Prefix, "//h", 7},
		}},
		{Name: "two"},
		{Name: "three", Hosts: []string{"A.example", "a.*", "b.example:80", "c.example", "*.c.example"}},
		{Name: "four", Hosts: []string{"c.example", "*.c.example", "*", "", "a b"}},
	})
	if err == nil {
		t.Fatal("Compile accepts it, want an error")
	}
	for _, want := range []string{
		`site "one" has two routes "/a"`,
		`route "/b" does not end with a slash`,
		`route "/c/" ends with a slash`,
		`route "d" is not a clean path`,
		`route "/e/../f" is not a clean path`,
		`unknown kind "regex"`,
		`route "//h" is not a clean path`,
		`sites "one" and "two" of one listener both name no host`,
		`"A.example" is not a host name`,
		`"a.*" is not a host name`,
		`"b.example:80" is not a host name`,
		`host "c.example" is in site "three" and in site "four"`,
		`host "*.c.example" is in site "three"`,
		`"*" is not a host name`,
		`"" is not a host name`,
		`"a b" is not a host name`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func benchmarkTable(b testing.TB) *Table {
	routes := []Route{{Prefix, "/", 0}, {Below, "/static/", 1}}
	for i := range 50 {
		routes = append(routes, Route{Prefix, fmt.Sprintf("/service-%d/v1", i), i + 2})
	}
	return mustCompile(b, Site{"s", []string{"example.com", "*.example.com"}, routes})
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := benchmarkTable(t)
	if n := testing.AllocsPerRun(100, func() { table.Match("WWW.Example.com:8081", "/service-7/v1/x/y/z") }); n != 0 {
		t.Errorf("Match allocates %v times, want 0", n)
	}
}

func BenchmarkMatch(b *testing.B) {
	table := benchmarkTable(b)
	b.ReportAllocs()
	for b.Loop() {
		table.Match("www.example.com:8081", "/service-7/v1/users/1234/photos/large.jpg")
	}
}

func BenchmarkClean(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = Clean("/service-7/v1/users/1234/photos/large.jpg?size=200")
	}
}
