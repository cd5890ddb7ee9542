package config

import "strings"

// maxStreak bounds rise and fall: with the longest interval that makes sense,
// more is never.
const maxStreak = 1000

// validate holds that a check can be made and can come to both verdicts.
func (h *Health) validate(p *problems) {
	p.duration("interval", h.Interval, true)
	p.duration("timeout", h.Timeout, true)
	for _, n := range []struct {
		key   string
		value int
	}{{"rise", h.Rise}, {"fall", h.Fall}} {
		if n.value < 1 || n.value > maxStreak {
			p.add("%s %d is not between 1 and %d", n.key, n.value, maxStreak)
		}
	}
	if h.Path == "" {
		if len(h.Status) > 0 || h.Host != "" || h.Body != "" {
			p.add("status, host and body need a path: without one it only connects")
		}
		return
	}
	if !isOriginForm(h.Path) {
		p.add("path %q is not what a request can ask for", h.Path)
	}
	if len(h.Status) == 0 {
		p.add("no status is well")
	}
	for _, r := range h.Status {
		if r.From < 200 || r.To > 599 || r.From > r.To {
			p.add("status %d to %d is no range between 200 and 599", r.From, r.To)
		}
	}
	if h.Host != "" && !isHostField(h.Host) {
		p.add("host %q is not one that a request can have", h.Host)
	}
}

// isOriginForm says whether a path, with or without a query, can stand in a
// request line (RFC 9112 section 3.2.1): it begins with a slash, and what is
// not printable ASCII is encoded.
func isOriginForm(target string) bool {
	return strings.HasPrefix(target, "/") && isGraphic(target) && !strings.Contains(target, "#")
}

// isHostField says whether a text can be a Host field: a name or an address,
// with or without a port (RFC 9110 section 7.2).
func isHostField(host string) bool {
	return isGraphic(host) && !strings.ContainsAny(host, "/?#@\\,")
}

// isGraphic says whether all of it is printable ASCII without the space.
func isGraphic(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
