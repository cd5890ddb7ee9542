package importer

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The rules of comparison. Status, fields and body must be equal, but for:
//
//   - fields that say who answers, when, and how it is framed (ownFields);
//   - ETag, which each makes by a rule of its own, and must be there in both;
//   - a charset in Content-Type, which webstack says of texts;
//   - Location: the same place, written as a path or as a URL;
//   - Expires: the same second, give or take clockSlack;
//   - the page of an error that the server itself made, and its type;
//   - where the status differs, it is another answer, and nothing else of it
//     is compared;
//   - in what an application was sent: fields that webstack always sets.

// ownFields say nothing about the answer.
var ownFields = []string{"Server", "Date", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Accept-Ranges", "Vary", "Retry-After", "Allow", "X-Instance"}

// unasked are the fields that an application behind webstack gets beside
// those that nginx sets.
var unasked = []string{"X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Request-Id"}

// clockSlack is how far apart two Expires may be: the requests are not sent at
// one moment.
const clockSlack = 30 * time.Second

// Compare says what differs between nginx's answer and webstack's: "status",
// "body", "header:Name", each with both sides.
func Compare(r Request, nginx, webstack *Answer) map[string]string {
	differs := map[string]string{}
	note := func(what string, a, b any) { differs[what] = fmt.Sprintf("nginx has %v, webstack has %v", a, b) }
	if nginx.Status != webstack.Status {
		note("status", nginx.Status, webstack.Status)
		return differs
	}
	ownPage := isOwnPage(nginx)
	if a, b := bodyOf(nginx, ownPage), bodyOf(webstack, ownPage); a != b {
		note("body", strconv.Quote(clip(a)), strconv.Quote(clip(b)))
	}
	names := map[string]bool{}
	for name := range nginx.Header {
		names[name] = true
	}
	for name := range webstack.Header {
		names[name] = true
	}
	for name := range names {
		if slices.Contains(ownFields, name) || ownPage && name == "Content-Type" {
			continue
		}
		a, b := field(r, name, nginx.Header), field(r, name, webstack.Header)
		if name == "Expires" && near(a, b) {
			continue
		}
		if a != b {
			note("header:"+name, strconv.Quote(a), strconv.Quote(b))
		}
	}
	return differs
}

// isOwnPage says whether an answer is one that nginx itself wrote.
func isOwnPage(a *Answer) bool {
	return a.Status >= 300 && a.Header.Get("X-Backend") == "" && (a.Body == "" || strings.Contains(a.Body, "<center>nginx"))
}

func bodyOf(a *Answer, own bool) string {
	if own {
		return ""
	}
	return a.Body
}

// field is a field's values in the form in which they are compared.
func field(r Request, name string, h http.Header) string {
	value := strings.Join(h.Values(name), ", ")
	switch name {
	case "Etag":
		return strings.Repeat("there", min(len(value), 1))
	case "Content-Type":
		value, _, _ = strings.Cut(value, ";")
	case "Location":
		base := &url.URL{Scheme: "http", Host: fmt.Sprintf("localhost:%d", r.Port), Path: "/"}
		for _, h := range r.Header {
			if h[0] == "Host" {
				base.Host = h[1]
			}
		}
		if to, err := base.Parse(value); err == nil && value != "" {
			// A redirect of nginx's own names the port that it listens on.
			to.Host = strings.TrimSuffix(to.Host, ":"+base.Port())
			if to.Hostname() == base.Hostname() {
				to.Host = to.Hostname()
			}
			return to.String()
		}
	}
	return value
}

// near says whether two dates are one.
func near(a, b string) bool {
	x, errA := http.ParseTime(a)
	y, errB := http.ParseTime(b)
	return errA == nil && errB == nil && x.Sub(y).Abs() <= clockSlack
}

// Normalise takes out of what an application says that it was sent the fields
// that webstack sets unasked, where nginx did not set them.
func Normalise(nginx, webstack *Answer) {
	if nginx.Header.Get("X-Backend") == "" || webstack.Header.Get("X-Backend") == "" {
		return
	}
	var kept []string
	for line := range strings.SplitSeq(webstack.Body, "\n") {
		name, _, _ := strings.Cut(line, ":")
		if slices.Contains(unasked, name) && !strings.Contains(nginx.Body, "\n"+name+":") {
			continue
		}
		kept = append(kept, line)
	}
	webstack.Body = strings.Join(kept, "\n")
}

func clip(s string) string {
	const most = 300
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
