package engine

import (
	"strings"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/route"
)

// maxHops is how often an exchange may be sent to another route. nginx allows
// ten; whoever needs more than a fallback behind an X-Accel-Redirect has made
// a circle.
const maxHops = 4

// sentElsewhere is the path that an application's X-Accel-Redirect names: it
// has decided who may see the file and leaves the sending to us.
func (c *client) sentElsewhere(r *http1.Response) (string, bool) {
	to := fieldOf(r.Fields, "x-accel-redirect")
	return to, to != ""
}

// redirectInternally answers by the route of another path, also an internal
// one. What the application answered is not the client's, but for the fields
// that speak of the file or of the user.
func (c *client) redirectInternally(to string, r *http1.Response) verdict {
	w, x := c.worker, c.x
	x.carried = x.carried[:0]
	for _, f := range r.Fields {
		if carries(f.Name) {
			// The scratch that the strings are views of is another's soon.
			x.carried = append(x.carried, strings.Clone(f.Name), strings.Clone(f.Value))
		}
	}
	target := strings.Clone(to)
	// All that may have come behind the head is the body, in full.
	x.back.Close = x.back.Close || int64(len(w.rest)) != bodyLength(r)
	if !x.back.Close {
		x.back.On(http1.AnswerEnd)
	}
	c.freeInstance()
	return c.hop(target)
}

// carried are the fields of an application that stay when it sends the answer
// elsewhere, as nginx has them.
func carries(name string) bool {
	for _, known := range [...]string{"content-type", "content-disposition", "cache-control", "expires", "set-cookie", "accept-ranges"} {
		if header.Same(name, known) {
			return true
		}
	}
	return false
}

// hop goes on with the route of another path.
func (c *client) hop(target string) verdict {
	x := c.x
	if x.hops++; x.hops > maxHops {
		c.worker.log.Warn("a request was sent from route to route", "site", x.route.Site.Name, "to", target)
		return c.fail(500)
	}
	path, query, err := route.Clean(target)
	if err != nil {
		return c.fail(502)
	}
	x.internal = true
	c.dropBody()
	if x.method != "HEAD" {
		x.method = "GET"
	}
	x.vars.Target, x.vars.Path, x.vars.Query = target, path, query
	// What was tried is another upstream's.
	x.tried, x.attempts, x.fresh, x.sameAllowed, x.lost = x.tried[:0], balance.Attempts{}, false, false, 0
	x.refused, x.spent, x.met, x.times.held = false, false, nil, 0
	return c.match(path)
}

// bodyLength is that of an answer, -1 where its head does not say.
func bodyLength(r *http1.Response) int64 {
	if r.Body.Kind == http1.NoBody {
		return 0
	}
	return r.Body.Length
}
