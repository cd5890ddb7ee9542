package config

import (
	"slices"
	"strings"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

func (c *Config) validateSites(p *problems) {
	names := map[string]bool{}
	for i := range c.Sites {
		s := &c.Sites[i]
		p := p.in("site %q", s.Name)
		if s.Name == "" {
			p.add("it has no name")
		}
		if names[s.Name] {
			p.add("the name is there twice")
		}
		names[s.Name] = true
		c.validateSiteListeners(p, s)
		for j := range s.Routes {
			c.validateRoute(p.in("route %q", s.Routes[j].Path), &s.Routes[j])
		}
	}
	for _, l := range c.Listeners {
		_, err := route.Compile(c.RouteSites(l.Name))
		p.in("listener %q", l.Name).addError(err)
	}
}

func (c *Config) validateSiteListeners(p *problems, s *Site) {
	if len(s.Listeners) == 0 {
		p.add("it has no listener")
	}
	for i, name := range s.Listeners {
		if !slices.ContainsFunc(c.Listeners, func(l Listener) bool { return l.Name == name }) {
			p.add("listener %q is not defined", name)
		}
		if slices.Contains(s.Listeners[:i], name) {
			p.add("listener %q is there twice", name)
		}
	}
}

// RouteSites are the sites of one listener for [route.Compile]. A route's
// Target is its place counted over the routes of all sites in order.
func (c *Config) RouteSites(listener string) []route.Site {
	var sites []route.Site
	target := 0
	for _, s := range c.Sites {
		first := target
		target += len(s.Routes)
		if !slices.Contains(s.Listeners, listener) {
			continue
		}
		site := route.Site{Name: s.Name, Hosts: s.Hosts}
		for i, r := range s.Routes {
			site.Routes = append(site.Routes, route.Route{Kind: route.Kind(r.Match), Path: r.Path, Target: first + i})
		}
		sites = append(sites, site)
	}
	return sites
}

func (c *Config) validateRoute(p *problems, r *Route) {
	actions := 0
	for _, is := range []bool{r.Upstream != "", r.Files != nil, r.Redirect != nil, r.Respond != nil} {
		if is {
			actions++
		}
	}
	if actions != 1 {
		p.add("it has %d of upstream, files, redirect and respond, not one", actions)
	}
	if r.Upstream != "" {
		c.validateForwarding(p, r)
	} else if r.StripPrefix || r.RequestBuffer || len(r.Upgrade) > 0 {
		p.add("strip_prefix, request_buffer and upgrade need an upstream")
	}
	if r.Fallback != "" {
		if r.Files == nil {
			p.add("fallback needs files")
		}
		if !isAbsolute(r.Fallback) {
			p.add("fallback %q is not an absolute, clean path", r.Fallback)
		}
	}
	if r.Internal && r.Files == nil && r.Upstream == "" {
		p.add("internal needs files or an upstream")
	}
	if r.Files != nil {
		r.Files.validate(p.in("files"))
	}
	if r.Redirect != nil {
		r.Redirect.validate(p.in("redirect"))
	}
	if r.Respond != nil {
		r.Respond.validate(p.in("respond"))
	}
	p.count("max_body_bytes", r.MaxBodyBytes)
	p.duration("response_timeout", r.ResponseTimeout, false)
	p.duration("idle_timeout", r.IdleTimeout, false)
	validateFields(p.in("request_headers"), r.RequestHeaders)
	validateFields(p.in("response_headers"), r.ResponseHeaders)
}

// validateForwarding checks what only a route to an upstream has.
func (c *Config) validateForwarding(p *problems, r *Route) {
	if !slices.ContainsFunc(c.Upstreams, func(u Upstream) bool { return u.Name == r.Upstream }) {
		p.add("upstream %q is not defined", r.Upstream)
	}
	if r.Retry != "error" && r.Retry != "never" {
		p.add("retry %q is neither \"error\" nor \"never\"", r.Retry)
	}
	p.count("tries", int64(r.Tries))
	for _, token := range r.Upgrade {
		// RFC 9113 section 3.1: h2c by upgrade is obsolete, and a way to
		// smuggle requests past the proxy.
		if token == "" || token != strings.ToLower(token) || strings.ContainsAny(token, " \t,;\"") || token == "h2c" {
			p.add("upgrade %q is not a token in lower case that may become a tunnel", token)
		}
	}
}

func validateFields(p *problems, fields []Field) {
	list := make([]header.Field, len(fields))
	for i, f := range fields {
		list[i] = header.Field(f)
	}
	_, err := header.CompileRules(list)
	p.addError(err)
}

func (f *Files) validate(p *problems) {
	if !isAbsolute(f.Root) {
		p.add("root %q is not an absolute, clean path", f.Root)
	}
	for _, folder := range f.FollowSymlinksTo {
		if !isAbsolute(folder) {
			p.add("follow_symlinks_to %q is not an absolute, clean path", folder)
		}
	}
	if strings.ContainsAny(f.Index, "/\x00") || strings.HasPrefix(f.Index, ".") {
		p.add("index %q is not the name of a file in the folder", f.Index)
	}
	if f.Expires != nil {
		p.duration("expires", *f.Expires, false)
	}
}

func (r *Redirect) validate(p *problems) {
	switch r.Status {
	case 301, 302, 303, 307, 308:
	default:
		p.add("status %d is not 301, 302, 303, 307 or 308", r.Status)
	}
	if r.Location == "" {
		p.add("it has no location")
	}
	if _, err := route.CompileTemplate(r.Location, route.ForLocation); err != nil {
		p.add("location %w", err)
	}
}

func (r *Respond) validate(p *problems) {
	if r.Status < 200 || r.Status > 599 {
		p.add("status %d is not between 200 and 599", r.Status)
	}
	// RFC 9110 sections 15.3.5 and 15.4.5: these end with their head.
	if (r.Status == 204 || r.Status == 304) && r.Body != "" {
		p.add("status %d has no body", r.Status)
	}
}
