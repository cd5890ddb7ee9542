package route

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
	// Path is in cleaned form; a Below path ends with "/".
	Path string
	// Target is what Match returns: the caller's own number, not negative.
	Target int
}

// Verdict says whether a request has a route.
type Verdict uint8

const (
	// Found: the target is valid.
	Found Verdict = iota
	// NoSite: no site of the listener has the host, answer 421.
	NoSite
	// NoRoute: the site has no route for the path, answer 404.
	NoRoute
	// BadHost: the host is not a valid uri-host[:port], answer 400.
	BadHost
	// Ambiguous: an encoded slash decides which route it is, answer 400.
	Ambiguous
)

// Status is the HTTP status of the answer to a request without a route.
func (v Verdict) Status() int { return 0 }

// Table is the sites of one listener, compiled. It is immutable.
type Table struct{}

// Compile checks the sites of one listener and makes their table.
func Compile(sites []Site) (*Table, error) { return &Table{}, nil }

// Match finds the route for a Host as received (with its port, in any case;
// "" where an HTTP/1.0 request has none) and a path as [Clean] made it. It
// does not allocate.
func (t *Table) Match(host, path string) (target int, v Verdict) { return 0, NoSite }

// Site finds the site of a host: its index in what was compiled. It serves to
// account for a request that Match found no route for.
func (t *Table) Site(host string) (site int, v Verdict) { return 0, NoSite }
