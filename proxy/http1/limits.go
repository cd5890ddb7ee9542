package http1

// Limits bound what a head may cost.
type Limits struct {
	// RequestLine is the most octets of a request line, its CRLF apart.
	RequestLine int
	// Head is the most octets of a head, everything counted.
	Head int
	// Fields is the most field lines of a head.
	Fields int
	// NoEmptyLines refuses empty lines before a request line. It is for a
	// request that follows one with a body: there an empty line means that
	// the two sides count that body differently (R2).
	NoEmptyLines bool
}

const (
	// DefaultRequestLine is twice what RFC 9112 section 3 asks for: "It is
	// RECOMMENDED that all HTTP senders and recipients support, at a minimum,
	// request-line lengths of 8000 octets." Browsers stop short of it.
	DefaultRequestLine = 16 << 10
	// DefaultHead leaves as much again for fields: cookies are bounded by
	// browsers to 4 KB each, and few sites send more than four of them.
	DefaultHead = 32 << 10
	// DefaultFields is what nginx allows: a browser sends 20, a chain of
	// proxies 50. Each costs 32 octets beside its text.
	DefaultFields = 1000

	// maxEmptyLines is how many empty lines may precede a request line. RFC
	// 9112 section 2.2: "a server [...] SHOULD ignore at least one empty
	// line"; a few are what old clients sent.
	maxEmptyLines = 4
	// maxMethod is twice the longest that is registered (UPDATEREDIRECTREF).
	maxMethod = 34
)

// DefaultLimits are those of a listener whose configuration says nothing.
func DefaultLimits() Limits {
	return Limits{RequestLine: DefaultRequestLine, Head: DefaultHead, Fields: DefaultFields}
}
