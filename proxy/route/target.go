package route

import (
	"errors"
	"strings"
)

var errAbsolute = errors.New("the request target is neither a path nor an http URI")

// SplitTarget reduces an absolute-form target to its authority and its
// origin-form, which is what is matched and forwarded; for an origin-form
// target the authority is "". The authority, where there is one, replaces the
// Host field (RFC 9112 section 3.2.2). An error means 400: user information
// and schemes other than http and https are refused.
func SplitTarget(target string) (authority, origin string, err error) {
	if strings.HasPrefix(target, "/") {
		return "", target, nil
	}
	scheme, rest, found := strings.Cut(target, "://")
	if !found || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", "", errAbsolute
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, origin = rest[:end], rest[end:]
	if authority == "" || strings.Contains(authority, "@") {
		return "", "", errAbsolute
	}
	if !strings.HasPrefix(origin, "/") {
		origin = "/" + origin
	}
	return authority, origin, nil
}

// Strip removes prefix, a route's Path, from the raw target that is
// forwarded, for strip_prefix. The route has matched the cleaned path.
//
// The segments that remain keep the encoding that they came with, since an
// application may need its %2F; but dot segments are resolved and slashes
// merged first, or /api/x/../../api/y would reach the application as a path
// outside of what was matched. The result begins with exactly one slash. An
// error means 400 and comes only for a target that [Clean] refuses.
func Strip(target, prefix string) (string, error) {
	raw, _, _ := strings.Cut(target, "?")
	if _, _, err := Clean(target); err != nil {
		return "", err
	}
	prefix = strings.TrimSuffix(prefix, "/")
	if strings.HasPrefix(raw, prefix) && isClean(raw) {
		return afterPrefix(target, len(prefix)), nil
	}
	normal := resolveRaw(raw)
	cut := normal
	for range strings.Count(prefix, "/") {
		next := strings.IndexByte(cut[1:], '/')
		if next < 0 {
			cut = ""
			break
		}
		cut = cut[1+next:]
	}
	rest := cut + target[len(raw):]
	return afterPrefix(rest, 0), nil
}

// afterPrefix cuts n bytes off and sees to the leading slash.
func afterPrefix(target string, n int) string {
	rest := target[n:]
	if rest == "" || rest[0] != '/' {
		return "/" + rest
	}
	return rest
}

// resolveRaw resolves the dot segments of a raw path that Clean has accepted
// and merges its slashes, leaving the other segments as they were written.
func resolveRaw(raw string) string {
	var kept []string
	folder := false
	for segment := range strings.SplitSeq(raw[1:], "/") {
		decoded, _ := appendDecoded(nil, segment)
		folder = true
		switch string(decoded) {
		case "", ".":
		case "..":
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
			folder = false
		}
	}
	path := "/" + strings.Join(kept, "/")
	if folder && len(kept) > 0 {
		path += "/"
	}
	return path
}
