package route

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says how a route's path is compared, on whole segments.
type Kind string

const (
	// Prefix: "/api" is /api and everything below, never /apiary.
	Prefix Kind = "prefix"
	// Below: "/api/" is everything below, and not /api itself.
	Below Kind = "below"
	// Exact is exactly that path.
	Exact Kind = "exact"
)

// Site is host names with their routes, as one listener sees them.
type Site struct {
	// Name is for messages.
	Name string
	// Hosts are exact names or "*.example.com"; none means every host that no
	// other site names.
	Hosts  []string
	Routes []Route
}

// Route is one path and what the caller calls its action.
type Route struct {
	Kind Kind
	// Path is in cleaned form; a Below path ends with "/", a Prefix one does
	// not, but for "/".
	Path string
	// Target is what Match returns: the caller's own number.
	Target int
}

// Verdict says whether a request has a route.
type Verdict uint8

const (
	// Found: the target is valid.
	Found Verdict = iota
	// NoSite: no site of the listener has the host.
	NoSite
	// NoRoute: the site has no route for the path.
	NoRoute
	// BadHost: the host is not a valid uri-host[:port].
	BadHost
	// Ambiguous: whether an encoded slash is a separator decides which route
	// it is.
	Ambiguous
)

// Status is the HTTP status of the answer: 200 for Found, else the refusal's.
func (v Verdict) Status() int {
	switch v {
	case Found:
		return 200
	case NoSite:
		return 421 // RFC 9110 section 15.5.20
	case NoRoute:
		return 404
	default:
		return 400
	}
}

// Table is the sites of one listener, compiled. It is immutable.
type Table struct {
	sites []paths
	exact map[string]int
	// wild is keyed by ".example.com" for "*.example.com".
	wild map[string]int
	// other is the site without hosts, -1 if there is none.
	other int
}

// paths is the routes of one site.
type paths struct {
	exact map[string]int
	// under holds Prefix paths ("/api") and Below paths ("/api/").
	under map[string]int
	// longest is the longest key of under: no more of a path is looked at.
	longest int
}

// Compile checks the sites of one listener and makes their table. All that is
// wrong is joined in the error.
func Compile(sites []Site) (*Table, error) {
	t := &Table{exact: map[string]int{}, wild: map[string]int{}, other: -1}
	var problems []error
	for i, site := range sites {
		if err := t.addHosts(sites, i); err != nil {
			problems = append(problems, err)
		}
		p, err := compilePaths(site)
		if err != nil {
			problems = append(problems, err)
		}
		t.sites = append(t.sites, p)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return t, nil
}

func (t *Table) addHosts(sites []Site, i int) error {
	site := sites[i]
	if len(site.Hosts) == 0 {
		if t.other >= 0 {
			return fmt.Errorf("sites %q and %q of one listener both name no host", sites[t.other].Name, site.Name)
		}
		t.other = i
		return nil
	}
	var problems []error
	for _, host := range site.Hosts {
		names, name := t.exact, host
		if strings.HasPrefix(host, "*.") {
			names, name = t.wild, host[1:]
		}
		if bare := strings.TrimPrefix(name, "."); !IsHostName(bare) || strings.Contains(bare, "*") {
			problems = append(problems, fmt.Errorf("site %q: %q is not a host name in lower case without a port", site.Name, host))
			continue
		}
		if other, taken := names[name]; taken {
			problems = append(problems, fmt.Errorf("host %q is in site %q and in site %q of one listener", host, sites[other].Name, site.Name))
			continue
		}
		names[name] = i
	}
	return errors.Join(problems...)
}

func compilePaths(site Site) (paths, error) {
	p := paths{exact: map[string]int{}, under: map[string]int{}}
	var problems []error
	for _, r := range site.Routes {
		if err := checkPath(r); err != nil {
			problems = append(problems, fmt.Errorf("site %q: %w", site.Name, err))
			continue
		}
		keys := p.under
		if r.Kind == Exact {
			keys = p.exact
		} else {
			p.longest = max(p.longest, len(r.Path))
		}
		if _, taken := keys[r.Path]; taken {
			problems = append(problems, fmt.Errorf("site %q has two routes %q", site.Name, r.Path))
			continue
		}
		keys[r.Path] = r.Target
	}
	return p, errors.Join(problems...)
}

// checkPath refuses a path that no cleaned path can equal or lie below.
func checkPath(r Route) error {
	if clean, err := resolvePlain(r.Path); err != nil || clean != r.Path {
		return fmt.Errorf("route %q is not a clean path from the root", r.Path)
	}
	slash := strings.HasSuffix(r.Path, "/")
	switch {
	case r.Kind == Exact, r.Path == "/" && (r.Kind == Prefix || r.Kind == Below):
		return nil
	case r.Kind == Prefix && slash:
		return fmt.Errorf("route %q ends with a slash, so it is not of kind %q", r.Path, Prefix)
	case r.Kind == Below && !slash:
		return fmt.Errorf("route %q does not end with a slash, so it is not of kind %q", r.Path, Below)
	case r.Kind != Prefix && r.Kind != Below:
		return fmt.Errorf("route %q has the unknown kind %q", r.Path, r.Kind)
	}
	return nil
}

// resolvePlain cleans a path that is decoded already, as configs hold it.
func resolvePlain(path string) (string, error) {
	clean, _, err := Clean(string(AppendPath(nil, path)))
	return clean, err
}

// Match finds the route for a Host as received (with its port, in any case;
// "" where an HTTP/1.0 request has none) and a path as [Clean] made it. The
// most exact site wins (the name, the longest wildcard, the site without
// hosts), and in it the exact route, else the longest. It does not allocate,
// but for a path with an encoded slash.
func (t *Table) Match(host, path string) (target int, v Verdict) {
	site, v := t.Site(host)
	if v != Found {
		return 0, v
	}
	p := &t.sites[site]
	target, ok := p.match(path)
	if strings.Contains(path, "%2F") {
		// Some applications decode %2F into a slash and would then be at
		// another route's path.
		if asSlash, okSlash := p.match(decodeSlashes(path)); okSlash != ok || asSlash != target {
			return 0, Ambiguous
		}
	}
	if !ok {
		return 0, NoRoute
	}
	return target, Found
}

// Site finds the site of a host: its index in what was compiled. It serves to
// account for a request that Match found no route for.
func (t *Table) Site(host string) (site int, v Verdict) {
	if host == "" {
		return t.otherSite()
	}
	var buffer [maxHost + 2]byte
	name, ok := appendHost(buffer[:0], host)
	if !ok {
		return 0, BadHost
	}
	if site, ok := t.exact[string(name)]; ok {
		return site, Found
	}
	if len(t.wild) > 0 {
		for i, c := range name {
			if c != '.' || i == 0 {
				continue
			}
			if site, ok := t.wild[string(name[i:])]; ok {
				return site, Found
			}
		}
	}
	return t.otherSite()
}

func (t *Table) otherSite() (int, Verdict) {
	if t.other < 0 {
		return 0, NoSite
	}
	return t.other, Found
}

// match walks the path's segments from the longest that a route can have to
// the root.
func (p *paths) match(path string) (int, bool) {
	if len(p.exact) > 0 {
		if target, ok := p.exact[path]; ok {
			return target, true
		}
	}
	if len(path) <= p.longest {
		if target, ok := p.under[path]; ok {
			return target, true
		}
	}
	for i := min(len(path), p.longest+1) - 1; i >= 0; i-- {
		if path[i] != '/' {
			continue
		}
		if i+1 <= p.longest {
			if target, ok := p.under[path[:i+1]]; ok {
				return target, true
			}
		}
		if target, ok := p.under[path[:i]]; ok {
			return target, true
		}
	}
	return 0, false
}

// decodeSlashes is the path as a reader sees it for whom %2F is a slash.
func decodeSlashes(path string) string {
	path = strings.ReplaceAll(path, "%2F", "/")
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}
