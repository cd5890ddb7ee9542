package importer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/route"
)

// longest is the longest duration that a spec takes.
const longest = 3650 * 24 * time.Hour

// nginxUnits are the units of ngx_parse_time.
var nginxUnits = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
	"w": 7 * 24 * time.Hour, "M": 30 * 24 * time.Hour, "y": 365 * 24 * time.Hour,
}

// parseTime reads nginx's times: "30", "1h30m", "500ms".
func parseTime(s string) (time.Duration, bool) {
	var sum time.Duration
	if s == "" {
		return 0, false
	}
	for s != "" {
		n := len(s) - len(strings.TrimLeft(s, "0123456789"))
		v, err := strconv.ParseInt(s[:n], 10, 32)
		if err != nil {
			return 0, false
		}
		s = s[n:]
		unit := len(s) - len(strings.TrimLeft(s, "msdhwMy"))
		if strings.HasPrefix(s, "ms") {
			unit = 2
		} else {
			unit = min(unit, 1)
		}
		d, known := nginxUnits[s[:unit]]
		if unit == 0 {
			d, known = time.Second, s == ""
		}
		if !known || time.Duration(v) > longest/d {
			return 0, false
		}
		sum += time.Duration(v) * d
		s = strings.TrimLeft(s[unit:], " ")
	}
	return sum, sum <= longest
}

// duration writes a duration as a spec has it, in the largest unit that is
// exact; what is under a millisecond becomes one.
func duration(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d >= u.unit && d%u.unit == 0 && (u.name != "d" || d > 48*time.Hour) {
			return quote(fmt.Sprintf("%d%s", d/u.unit, u.name))
		}
	}
	return quote(fmt.Sprintf("%dms", max(d.Milliseconds(), 1)))
}

// parseSize reads nginx's sizes: "1m", "512k", "10".
func parseSize(s string) (int64, bool) {
	unit := int64(1)
	if s != "" {
		switch s[len(s)-1] {
		case 'k', 'K':
			unit = 1 << 10
		case 'm', 'M':
			unit = 1 << 20
		case 'g', 'G':
			unit = 1 << 30
		}
	}
	if unit > 1 {
		s = s[:len(s)-1]
	}
	v, err := strconv.ParseInt(s, 10, 32)
	return v * unit, err == nil && v >= 0
}

// size writes a size as a spec has it.
func size(n int64) string {
	for _, u := range []struct {
		name string
		unit int64
	}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if n >= u.unit && n%u.unit == 0 {
			return quote(fmt.Sprintf("%d%s", n/u.unit, u.name))
		}
	}
	return quote(fmt.Sprintf("%dB", n))
}

// holders are nginx's variables that a spec has a placeholder for.
var holders = map[string]string{
	"request_uri": "{uri}", "uri": "{path}", "document_uri": "{path}", "args": "{query}", "query_string": "{query}",
	"host": "{host}", "scheme": "{scheme}", "remote_addr": "{client_ip}", "realip_remote_addr": "{client_ip}",
}

// template turns a value with nginx's variables into one with placeholders.
// unknown is the first variable that a spec has no word for, "" for none.
func template(s string, use route.Use) (text, unknown string) {
	s = strings.ReplaceAll(s, "$uri$is_args$args", "$request_uri")
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			b.WriteString(literal(s))
			break
		}
		b.WriteString(literal(s[:i]))
		s = s[i+1:]
		name := ""
		if rest, braced := strings.CutPrefix(s, "{"); braced {
			name, s, _ = strings.Cut(rest, "}")
		} else {
			n := len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
			name, s = s[:n], s[n:]
		}
		holder := holders[name]
		if name == "http_host" {
			// {host} is the name alone, as nginx's $host is: the port that a
			// client wrote is lost.
			holder = "{host}"
		}
		if holder == "" {
			return "", "$" + name
		}
		b.WriteString(holder)
	}
	text = b.String()
	if _, err := route.CompileTemplate(text, use); err != nil {
		return "", err.Error()
	}
	return text, ""
}
