package engine

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/snapshot"
)

// maintain puts the scene's site under maintenance, or nil ends that.
func (x *scene) maintain(m *snapshot.Maintenance) { x.engine.snap.Sites[0].Maintenance.Store(m) }

func TestASiteUnderMaintenance(t *testing.T) {
	page := &snapshot.Maintenance{Page: "<p>back soon</p>\n", RetryAfter: 120}
	const answer = "HTTP/1.1 503 Service Unavailable\nRetry-After: 120\nContent-Type: text/html; charset=utf-8\nContent-Length: 17\n\n"
	for _, c := range []struct {
		name, ask string
		m         *snapshot.Maintenance
		want      string
	}{
		{"answers with its page", get, page, answer + page.Page},
		{"has no body for HEAD", "HEAD /a HTTP/1.1\nHost: h\n\n", page, answer},
		{"for a path that has no route, too", "GET /nowhere HTTP/1.1\nHost: h\n\n", page, answer + page.Page},
		{"and for files and fixed answers", "GET /hello HTTP/1.1\nHost: h\n\n", page, answer + page.Page},
		{
			"without a page says a sentence", get, &snapshot.Maintenance{},
			"HTTP/1.1 503 Service Unavailable\nContent-Length: 54\n\n503 Service Unavailable\nThis site is being worked on.\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newScene(t, withHello, func(p *plan) { p.app.Path = "/a" })
			x.maintain(c.m)
			x.clientSends(c.ask)
			x.wantClientGets(c.want)
			if x.dials != 0 {
				t.Error("an instance was asked")
			}
			x.swap(func(*plan) {})
			x.maintain(nil)
			x.clientSends(get)
			x.instanceSends(none)
			x.wantClientGets(none)
			x.closeAll()
			x.wantNothingLeft()
		})
	}
}

func TestMaintenanceOutlivesAReload(t *testing.T) {
	x := newScene(t)
	x.maintain(&snapshot.Maintenance{})
	x.swap(func(*plan) {})
	x.clientSends(get)
	x.wantClientGetsStatus(503)
}

func TestMaintenanceLetsSomeIn(t *testing.T) {
	x := newScene(t)
	trust, err := header.ParseTrust([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	x.engine.snap.Trust = trust
	x.maintain(&snapshot.Maintenance{Allow: []netip.Prefix{
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32"),
	}})
	for _, c := range []struct {
		peer, forwarded string
		in              bool
	}{
		{"192.0.2.7", "", true},
		{"::ffff:192.0.2.7", "", true},
		{"2001:db8::1", "", true},
		{"198.51.100.1", "", false},
		{"198.51.100.1", "192.0.2.7", false}, // nobody believes it
		{"10.0.0.1", "192.0.2.7", true},
		{"10.0.0.1", "198.51.100.1", false},
		{"10.0.0.1", "", false},
	} {
		before := x.dials
		x.connectsFrom(netip.MustParseAddr(c.peer))
		ask := get
		if c.forwarded != "" {
			ask = strings.TrimSuffix(get, "\n") + "X-Forwarded-For: " + c.forwarded + "\nConnection: close\n\n"
		}
		x.clientSends(strings.Replace(ask, "Host: h\n", "Host: h\nConnection: close\n", 1))
		if !c.in {
			x.wantClientGetsStatus(503)
			continue
		}
		x.instanceSends("HTTP/1.1 204 No Content\nConnection: close\n\n")
		x.wantClientGetsStatus(204)
		if x.dials != before+1 {
			t.Errorf("%s for %q was not let in", c.peer, c.forwarded)
		}
	}
}

func TestWhatIsInternalStaysSoForWhoIsLetIn(t *testing.T) {
	x := newScene(t, func(p *plan) { p.app.Internal = true })
	x.maintain(&snapshot.Maintenance{Allow: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}})
	x.clientSends(get)
	x.wantClientGetsStatus(404)
}
