package route

import "errors"

// Clean splits an origin-form request target and gives the one form of its
// path that routing and file lookup share: %XX decoded once, dot segments
// resolved, slashes merged. The query is as received, without its "?". It
// allocates only when the path is not clean already; the results may alias
// target. An error means 400.
func Clean(target string) (path, query string, err error) {
	return "", "", errors.New("not built")
}

// SplitTarget reduces an absolute-form target to its authority and its
// origin-form, which is what is matched and forwarded; for an origin-form
// target the authority is "". The authority, where there is one, replaces the
// Host field (RFC 9112 section 3.2.2). An error means 400.
func SplitTarget(target string) (authority, origin string, err error) {
	return "", target, nil
}

// Strip removes prefix, a route's Path, from the raw target that is
// forwarded, for strip_prefix. The route has matched the cleaned path; the
// answer is the target that the application gets. It fails (400) where the
// raw target does not show the prefix that the cleaned one has.
func Strip(target, prefix string) (string, error) {
	return target, nil
}
