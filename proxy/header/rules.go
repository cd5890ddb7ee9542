package header

import "github.com/webstack/webstack/proxy/route"

// Rules are a route's request_headers or response_headers, compiled. A nil
// *Rules changes nothing.
type Rules struct{}

// CompileRules checks names and values and compiles the placeholders. A field
// with an empty value is removed.
func CompileRules(fields []Field) (*Rules, error) { return &Rules{}, nil }

// Append appends in to dst as the rules change it: for answers that the proxy
// makes itself (files, redirects, fixed bodies).
func (r *Rules) Append(dst, in []Field, v *route.Vars) []Field { return append(dst, in...) }
