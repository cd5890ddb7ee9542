package static

import (
	"strings"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

// wellKnown is where dotfiles are meant to be public (RFC 8615).
const wellKnown = "/.well-known/"

// Locate is the first step: the name below the root for a route and a path as
// [route.Clean] made it. The name has no leading slash and keeps a trailing
// one; "" is the root itself. Where ok is false the answer is known already:
// 405 for a method other than GET and HEAD, 404 for a dotfile.
//
// The name is what is left of the path behind the route's own. An exact route
// leaves nothing, so it serves the file that its last segment names.
func Locate(kind route.Kind, routePath, method, path string) (name string, a Answer, ok bool) {
	if method != "GET" && method != "HEAD" {
		allow := []header.Field{{Name: "Allow", Value: "GET, HEAD"}}
		return "", Answer{Status: 405, Fields: allow}, false
	}
	if isHidden(path) {
		return "", Answer{Status: 404}, false
	}
	if kind == route.Exact {
		return path[strings.LastIndexByte(path, '/')+1:], Answer{}, true
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, strings.TrimSuffix(routePath, "/")), "/"), Answer{}, true
}

// isHidden says whether a segment of the whole path begins with a dot, the
// first being ".well-known" apart: a route cannot be put so that a .git below
// it shows.
func isHidden(path string) bool {
	if rest, found := strings.CutPrefix(path, wellKnown); found {
		path = "/" + rest
	}
	return strings.Contains(path, "/.")
}
