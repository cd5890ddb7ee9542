package route

import (
	"fmt"
	"strings"
)

// checkLocation refuses a Location that is no URI, or whose placeholders would
// let a request choose the host (an open redirect, X19), and says whether it
// is local: has no scheme and host of its own.
//
// Browsers read "http:/x" and "http:///x" as the host x, so a scheme must be
// followed by "//" and a host that the operator wrote, or {host}.
func checkLocation(text string) (local bool, err error) {
	if strings.ContainsAny(text, " \t") {
		// No URI has any, and browsers drop it in front of "//host".
		return false, fmt.Errorf("%q holds white space, which a URI cannot", text)
	}
	if !strings.Contains(text, "{") {
		return false, nil
	}
	if query := strings.Index(text, "{query}"); query >= 0 && !strings.ContainsAny(text[:query], "?#") {
		return false, fmt.Errorf("%q: {query} stands before any \"?\", where a request could choose the host", text)
	}
	rest, absolute := strings.CutPrefix(text, "{scheme}")
	if !absolute {
		if colon := strings.IndexAny(text, ":/?#{"); colon >= 0 && text[colon] == ':' {
			rest, absolute = text[colon:], true
		}
	}
	if absolute {
		authority, found := strings.CutPrefix(rest, "://")
		if !found || !beginsHost(authority) {
			return false, fmt.Errorf("%q: the scheme is not followed by :// and a host, so a request could choose the host", text)
		}
		return false, nil
	}
	if authority, found := strings.CutPrefix(text, "//"); found {
		if !beginsHost(authority) {
			return false, fmt.Errorf("%q: the two slashes are not followed by a host, so a request could choose it", text)
		}
		return false, nil
	}
	return true, nil
}

func beginsHost(s string) bool {
	if strings.HasPrefix(s, "{host}") {
		return true
	}
	return s != "" && strings.IndexByte("/\\{?#", s[0]) < 0
}
