package engine

import (
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// stepChoose finds the route of a request, on the snapshot that the exchange
// keeps.
func (c *client) stepChoose() verdict {
	x := c.x
	x.method = x.req.Method
	x.vars.Target, x.vars.Host, x.vars.Scheme = x.req.Target, x.req.Host, "http"
	switch x.req.Method {
	case "CONNECT":
		// A tunnel to a target of the client's choice is a forward proxy's
		// (R14).
		return c.refuseMethod()
	case "TRACE":
		// RFC 9110 section 9.3.8: what it echoes may hold credentials.
		return c.refuseMethod()
	}
	if x.req.Target == "*" {
		return c.text(200, "")
	}
	path, query, err := route.Clean(x.req.Target)
	if err != nil {
		return c.fail(400)
	}
	x.vars.Path, x.vars.Query = path, query
	x.vars.ClientIP = x.snap.Trust.Client(c.peer, x.req.Fields)
	return c.match(path)
}

// match takes the route of a path: the request's own, or the one that a
// fallback or an X-Accel-Redirect sent it to.
func (c *client) match(path string) verdict {
	x := c.x
	sites := c.sites()
	if sites == nil {
		return c.explain(503, "No site is configured for this listener.")
	}
	n, v := sites.Table.Match(x.vars.Host, path)
	if v != route.Found {
		if i, v := sites.Table.Site(x.vars.Host); v == route.Found && x.hops == 0 {
			sites.Sites[i].Counters.Requests.Add(1)
			if m := c.maintenance(sites.Sites[i]); m != nil {
				return c.maintain(m)
			}
		}
		return c.fail(v.Status())
	}
	rt := x.snap.Routes[n]
	m := c.maintenance(rt.Site)
	if rt.Internal && !x.internal && m == nil {
		// Only what an application sends there may see it.
		return c.fail(404)
	}
	x.route = rt
	if x.hops == 0 {
		rt.Site.Counters.Requests.Add(1)
	}
	if m != nil {
		return c.maintain(m)
	}
	return c.serve()
}

// sites are those of the listener in the exchange's snapshot, nil where it has
// none.
func (c *client) sites() *snapshot.Listener {
	if c.x.snap == c.worker.snap {
		return c.listener.sites
	}
	return c.x.snap.Listeners[c.listener.name]
}

// serve does what the route says.
func (c *client) serve() verdict {
	x := c.x
	rt := x.route
	if x.up.body.Kind == http1.Sized && rt.MaxBody > 0 && x.up.left > rt.MaxBody {
		return c.fail(413)
	}
	switch {
	case rt.Files != nil:
		return c.locate()
	case rt.Redirect != nil:
		return c.redirect()
	case rt.Respond != nil:
		return c.respond()
	}
	x.attempts.Method, x.attempts.Never, x.attempts.Tries = x.method, rt.NeverRetry, rt.Tries
	if rt.RequestBuffer && !x.up.done {
		return c.to(stepSpool)
	}
	if err := c.buildRequest(); err != nil {
		return c.fail(400)
	}
	return c.to(stepPick)
}
