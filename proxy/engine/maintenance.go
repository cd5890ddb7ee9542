package engine

import (
	"strconv"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/snapshot"
)

// maintenance is what the site answers this client, whatever it asks for, nil
// where it is served. A request that was let in stays so from route to route.
func (c *client) maintenance(site *snapshot.Site) *snapshot.Maintenance {
	m := site.Maintenance.Load()
	if m == nil || c.x.hops > 0 || m.Allows(c.x.vars.ClientIP) {
		return nil
	}
	return m
}

// maintain answers for a site that is being worked on.
func (c *client) maintain(m *snapshot.Maintenance) verdict {
	w := c.worker
	w.ours = w.ours[:0]
	if m.RetryAfter > 0 {
		w.text = strconv.AppendInt(w.text[:0], int64(m.RetryAfter), 10)
		w.ours = append(w.ours, header.Field{Name: "Retry-After", Value: view(w.text)})
	}
	if m.Page == "" {
		return c.failWith(503, "This site is being worked on.")
	}
	w.ours = append(w.ours, header.Field{Name: "Server", Value: serverToken}, htmlText)
	w.own = append(w.own[:0], m.Page...)
	return c.answer(503, w.own)
}

var htmlText = header.Field{Name: "Content-Type", Value: "text/html; charset=utf-8"}
