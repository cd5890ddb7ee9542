package route

import "net/netip"

// Vars are the values of the request's placeholders.
type Vars struct {
	// Target is the origin-form target as received: {uri}.
	Target string
	// Path is the cleaned path: {path}, percent-encoded again.
	Path string
	// Query is the raw query: {query}.
	Query string
	// Host is the Host field as received; {host} is its name alone, in lower
	// case and without the port.
	Host string
	// Scheme is "http" or "https": {scheme}.
	Scheme string
	// ClientIP is the client's address as [header.Trust] found it: {client_ip}.
	ClientIP netip.Addr
}

// Use is where a template's text goes.
type Use uint8

const (
	// ForHeader is any field value but a Location.
	ForHeader Use = iota
	// ForLocation is a redirect's Location, which must not let a request
	// choose another host.
	ForLocation
)

// Template is a text with request placeholders, compiled once.
type Template struct{}

// CompileTemplate parses {uri} {path} {query} {host} {scheme} {client_ip};
// "{{" is a literal brace, anything else in braces an error.
func CompileTemplate(text string, use Use) (*Template, error) { return &Template{}, nil }

// Constant is the text and true where the template has no placeholder.
func (t *Template) Constant() (string, bool) { return "", false }

// Append appends the template's text for one request. What comes from the
// request cannot break out of a field value: bytes that may not stand in a
// URI are percent-encoded.
func (t *Template) Append(dst []byte, v *Vars) []byte { return dst }
