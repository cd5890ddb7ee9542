package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/proxy/route"
)

// fields are header fields to set, in the order of the text.
type fields []pair

func (f fields) has(name string) bool {
	return slices.ContainsFunc(f, func(p pair) bool { return strings.EqualFold(p.key, name) })
}

// toml writes them as an inline table.
func (f fields) toml() string {
	items := make([]string, len(f))
	for i, p := range f {
		key := p.key
		if strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" || key == "" {
			key = quote(key)
		}
		items[i] = key + " = " + quote(p.value)
	}
	return "{ " + strings.Join(items, ", ") + " }"
}

// always are the fields that webstack sets to just that.
var always = map[string][]string{
	"host":              {"$http_host"},
	"x-real-ip":         {"$remote_addr"},
	"x-forwarded-for":   {"$remote_addr"},
	"x-forwarded-proto": {"$scheme"},
}

// framing are the fields that webstack writes for each connection.
var framing = []string{
	"connection", "content-length", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// requestHeaders converts what applications get.
func (r *router) requestHeaders(l *location, host string, t *table) {
	var set fields
	named := false
	for _, d := range l.scope.find("proxy_set_header") {
		name, value := arg(d, 0), arg(d, 1)
		named = named || strings.EqualFold(name, "host")
		r.requestHeader(d, strings.ToLower(name), name, value, host, &set)
	}
	if !named {
		// nginx: "Host" is "$proxy_host" where nothing is said.
		if strings.HasPrefix(host, "unix:") {
			host = "localhost"
		}
		set = append(set, pair{"Host", literal(host)})
	}
	if len(set) > 0 {
		t.set("request_headers", set.toml())
	}
}

// requestHeader converts one proxy_set_header.
func (r *router) requestHeader(d *nginx.Directive, lower, name, value, host string, set *fields) {
	switch {
	case slices.Contains(always[lower], value):
		r.mark(Converted, "always", d)
		return
	case lower == "x-forwarded-for" && value == "$proxy_add_x_forwarded_for":
		r.mark(Differs, "always; a list that a client brings is believed from trusted_proxies alone", d)
		return
	case lower == "upgrade" || lower == "connection":
		r.connectionField(d, lower, value)
		return
	case slices.Contains(framing, lower):
		r.mark(Differs, "webstack writes it for each connection", d)
		return
	case set.has(name):
		r.mark(Differs, "it is set already", d)
		return
	case lower == "host" && value == "$proxy_host":
		value = host
	case lower == "host" && value == "":
		r.mark(Differs, "without a Host a request is not valid: the client's is passed on", d)
		return
	}
	for _, l := range r.server.listens {
		if !strings.HasPrefix(l.socket, "unix:") {
			value = strings.ReplaceAll(value, "$server_port", port(l.socket))
			break
		}
	}
	text, unknown := template(value, route.ForHeader)
	if unknown != "" {
		// Left out, a client's own field of that name would pass for ours.
		r.mark(Unsupported, fmt.Sprintf("%s has no word here: the field is removed, so that no client can forge it", oneLine(unknown)), d)
		if lower != "host" {
			*set = append(*set, pair{name, ""})
		}
		return
	}
	r.mark(Converted, "request_headers", d)
	*set = append(*set, pair{name, text})
}

// connectionField converts what is written to keep connections, and to let
// WebSockets pass.
func (r *router) connectionField(d *nginx.Directive, lower, value string) {
	switch {
	case value == "":
		r.mark(Converted, "connections to instances are kept unasked", d)
	case lower == "upgrade" && value == "$http_upgrade", strings.EqualFold(value, "upgrade"), lower == "connection" && strings.HasPrefix(value, "$"):
		r.mark(Converted, "WebSockets pass unasked", d)
	default:
		r.mark(Differs, "webstack writes it for each connection", d)
	}
}

// responseHeaders converts what clients get.
func (r *router) responseHeaders(l *location, t *table) {
	if t.closed != "" && len(t.pairs) == 0 {
		return
	}
	var set fields
	proxied := t.get("app") != "" || t.get("upstream") != ""
	if proxied {
		for _, d := range l.scope.find("proxy_hide_header") {
			r.mark(Converted, "response_headers", d)
			if !set.has(arg(d, 0)) {
				set = append(set, pair{arg(d, 0), ""})
			}
		}
		for _, d := range l.scope.find("proxy_pass_header") {
			if strings.HasPrefix(strings.ToLower(arg(d, 0)), "x-accel-") {
				r.mark(Differs, "X-Accel-* is for proxies and is never passed on", d)
			} else {
				r.mark(Converted, "always", d)
			}
		}
		r.proxiedExpires(l, &set)
	}
	for _, d := range l.scope.find("add_header") {
		r.addHeader(d, &set)
	}
	if len(set) == 0 {
		return
	}
	if kind := t.get("response_headers"); kind != "" { // of a fixed answer
		t.put("response_headers", strings.TrimSuffix(kind, " }")+", "+strings.TrimPrefix(set.toml(), "{ "))
		return
	}
	t.set("response_headers", set.toml())
}

// addHeader converts one add_header.
func (r *router) addHeader(d *nginx.Directive, set *fields) {
	name, value := arg(d, 0), arg(d, 1)
	text, unknown := template(value, route.ForHeader)
	switch {
	case unknown != "":
		r.mark(Unsupported, fmt.Sprintf("%s has no word here: the field is left out", oneLine(unknown)), d)
		return
	case value == "":
		r.mark(Converted, "nginx adds no empty field", d)
		return
	}
	if arg(d, 2) == "always" {
		r.mark(Converted, "response_headers", d)
	} else {
		r.mark(Differs, "it is set on answers of every status", d)
	}
	for i := range *set {
		if strings.EqualFold((*set)[i].key, name) {
			if (*set)[i].value != "" {
				r.mark(Differs, "it is set already; the last one holds", d)
			}
			(*set)[i].value = text
			return
		}
	}
	*set = append(*set, pair{name, text})
}

// proxiedExpires converts expires of a proxied route, which has no key for it.
func (r *router) proxiedExpires(l *location, set *fields) {
	d := l.scope.one("expires")
	if d == nil || arg(d, 0) == "off" {
		r.mark(Converted, "off is what holds", l.scope.find("expires")...)
		return
	}
	v, ok := parseTime(arg(d, 0))
	if arg(d, 0) == "max" {
		v, ok = longest, true
	}
	if len(d.Args) != 1 || !ok {
		r.mark(Unsupported, "left out for what applications answer", d)
		return
	}
	r.mark(Differs, "of what an application answers, Cache-Control is set, on every status, and no Expires", d)
	*set = append(*set, pair{"Cache-Control", fmt.Sprintf("max-age=%d", int64(v.Seconds()))})
}
