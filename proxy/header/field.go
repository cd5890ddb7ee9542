package header

import "strings"

// Field is one header field. The strings may alias a buffer that lives as
// long as the exchange: nothing here keeps them.
type Field struct{ Name, Value string }

// Class is what a field's name means to a proxy.
type Class uint8

const (
	// EndToEnd fields pass.
	EndToEnd Class = iota
	// Connection is the field that nominates others.
	Connection
	// HopByHop fields end here; Upgrade is one, written again for a tunnel.
	HopByHop
	// Framing fields say where the body ends; the caller writes its own.
	Framing
	// Host is replaced by the one that the caller gives.
	Host
	// ForwardedFor to ForwardedOther tell the application who asked for what,
	// and are believed only from a trusted peer.
	ForwardedFor
	ForwardedProto
	ForwardedPrefix
	// ForwardedHost is X-Forwarded-Host.
	ForwardedHost
	// Forwarded is RFC 7239's.
	Forwarded
	// ForwardedOther is any other X-Forwarded-*.
	ForwardedOther
	RealIP
	RequestID
	// Never passes: Expect (the proxy answers it), HTTP2-Settings (no h2c
	// upgrade), and Proxy, which CGI turns into the variable HTTP_PROXY
	// (CVE-2016-5385).
	Never
	// Credential fields pass, but a misspelt one does not: Authorization and
	// Cookie.
	Credential
	// Internal fields are instructions of the application to a proxy
	// (X-Accel-*); clients do not see them.
	Internal
	// Date is added where an answer has none.
	Date
)

// known lists the names by length, so that most names are compared with none
// or one.
var known = [...][]struct {
	name  string
	class Class
}{
	2:  {{"te", HopByHop}},
	4:  {{"host", Host}, {"date", Date}},
	5:  {{"proxy", Never}},
	6:  {{"expect", Never}, {"cookie", Credential}},
	7:  {{"upgrade", HopByHop}, {"trailer", Framing}},
	9:  {{"forwarded", Forwarded}, {"x-real-ip", RealIP}},
	10: {{"connection", Connection}, {"keep-alive", HopByHop}},
	12: {{"x-request-id", RequestID}},
	13: {{"authorization", Credential}},
	14: {{"content-length", Framing}, {"http2-settings", Never}},
	15: {{"x-forwarded-for", ForwardedFor}},
	16: {{"proxy-connection", HopByHop}, {"x-forwarded-host", ForwardedHost}},
	17: {{"transfer-encoding", Framing}, {"x-forwarded-proto", ForwardedProto}},
	18: {{"x-forwarded-prefix", ForwardedPrefix}, {"proxy-authenticate", HopByHop}},
	19: {{"proxy-authorization", HopByHop}},
}

// Classify gives a name's class, without regard to case. An underscore counts
// as a dash, since CGI, WSGI and Rack read both as one (R15); alias says that
// there was one, and an alias of anything but EndToEnd is never forwarded.
func Classify(name string) (class Class, alias bool) {
	if len(name) < len(known) {
		for _, k := range known[len(name)] {
			if same, alias := equal(name, k.name); same {
				return k.class, alias
			}
		}
	}
	if len(name) > 2 && name[0]|0x20 == 'x' {
		if same, alias := hasPrefix(name, "x-forwarded-"); same {
			return ForwardedOther, alias
		}
		if same, alias := hasPrefix(name, "x-accel-"); same {
			return Internal, alias
		}
	}
	return EndToEnd, false
}

// equal compares a name with one in lower case; underscores count as dashes
// and are reported.
func equal(name, lower string) (same, alias bool) {
	if len(name) != len(lower) {
		return false, false
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == lower[i]:
		case 'A' <= c && c <= 'Z' && c+('a'-'A') == lower[i]:
		case c == '_' && lower[i] == '-':
			alias = true
		default:
			return false, false
		}
	}
	return true, alias
}

func hasPrefix(name, lower string) (same, alias bool) {
	if len(name) < len(lower) {
		return false, false
	}
	return equal(name[:len(lower)], lower)
}

// isToken says whether a name is one (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' {
			continue
		}
		switch c {
		case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		default:
			return false
		}
	}
	return s != ""
}

// Same compares two names without regard to case.
func Same(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
