package header

import (
	"net/netip"
	"strings"

	"github.com/webstack/webstack/proxy/route"
)

// Forward is what the proxy knows of a request besides its fields.
type Forward struct {
	// Peer is the address of the connection's other end; PeerText the same as
	// text, made once per connection. For a unix socket: the zero Addr and "".
	Peer     netip.Addr
	PeerText string
	// Vars are the request's placeholders. Vars.Host is the Host that is sent
	// (as the client sent it, with its port), Vars.Scheme the
	// X-Forwarded-Proto, Vars.ClientIP the X-Real-IP (see [Trust.Client]).
	Vars *route.Vars
	// Prefix is what strip_prefix removed: X-Forwarded-Prefix; "" for none.
	Prefix string
	// RequestID is the X-Request-Id to send where no trusted peer gave one;
	// "" for none.
	RequestID string
	// Upgrade is the token that may become a tunnel, see [UpgradeToken]; ""
	// for none.
	Upgrade string
}

// AppendRequest appends to dst the fields that the application gets for a
// request with the fields in.
//
//   - Host comes first, exactly once: Vars.Host, or a rule's.
//   - X-Real-IP, X-Forwarded-For and X-Forwarded-Proto are always set.
//     X-Forwarded-For is the peer; a trusted peer's list stays in front of it.
//   - A trusted peer's X-Forwarded-Proto, -Host, -Prefix and any other
//     X-Forwarded-*, Forwarded and X-Request-Id pass; anybody else's are
//     dropped. X-Forwarded-Host is added where a rule changes Host, and
//     X-Forwarded-Prefix where strip_prefix removed one.
//   - A field that a rule sets or removes is the rule's alone.
//   - Framing is not among them: the caller writes its own.
//
// It does not allocate for an untrusted peer, but for a rule with a
// placeholder, beyond what dst needs.
func AppendRequest(dst, in []Field, trust Trust, rules *Rules, f *Forward) []Field {
	trusted := trust.Has(f.Peer)
	dst = appendHost(dst, rules, f)
	nominated := nominatedBy(in)
	var seen forwarded
	for _, field := range in {
		class, alias := Classify(field.Name)
		if alias || !passes(class, trusted) || nominated.has(field.Name) || rules.find(field.Name) != nil {
			continue
		}
		if class == ForwardedFor {
			// RFC 9110 section 5.3: lines of one name are one list.
			seen.chain = joinList(seen.chain, field.Value)
			continue
		}
		if class == ForwardedPrefix && f.Prefix != "" {
			seen.prefix = field.Value
			continue
		}
		seen.note(class)
		dst = append(dst, field)
	}
	dst = seen.appendOurs(dst, rules, f)
	if f.Upgrade != "" {
		dst = append(dst, Field{"Connection", "Upgrade"}, Field{"Upgrade", f.Upgrade})
	}
	return rules.appendSet(dst, f.Vars, Host)
}

// passes says whether a client's field of a class goes to the application.
func passes(class Class, trusted bool) bool {
	switch class {
	case EndToEnd, Credential, Date, Internal:
		return true
	case ForwardedFor, ForwardedProto, ForwardedPrefix, ForwardedHost, Forwarded, ForwardedOther, RequestID:
		return trusted
	default:
		return false
	}
}

func appendHost(dst []Field, rules *Rules, f *Forward) []Field {
	if r := rules.find("host"); r != nil {
		return append(dst, Field{"Host", r.expand(f.Vars)})
	}
	return append(dst, Field{"Host", f.Vars.Host})
}

// forwarded is what a trusted peer's fields have said already.
type forwarded struct {
	chain                  string
	prefix                 string
	proto, host, requestID bool
}

func (s *forwarded) note(class Class) {
	switch class {
	case ForwardedProto:
		s.proto = true
	case ForwardedHost:
		s.host = true
	case RequestID:
		s.requestID = true
	}
}

func (s *forwarded) appendOurs(dst []Field, rules *Rules, f *Forward) []Field {
	add := func(class Class, name, value string) {
		if value != "" && !rules.has(class) {
			dst = append(dst, Field{name, value})
		}
	}
	add(RealIP, "X-Real-IP", clientText(f))
	add(ForwardedFor, "X-Forwarded-For", joinList(s.chain, f.PeerText))
	if !s.proto {
		add(ForwardedProto, "X-Forwarded-Proto", f.Vars.Scheme)
	}
	if !s.host && rules.has(Host) {
		add(ForwardedHost, "X-Forwarded-Host", f.Vars.Host)
	}
	if f.Prefix != "" {
		add(ForwardedPrefix, "X-Forwarded-Prefix", strings.TrimSuffix(s.prefix, "/")+f.Prefix)
	}
	if !s.requestID {
		add(RequestID, "X-Request-Id", f.RequestID)
	}
	return dst
}

// clientText spares the conversion where the client is the peer.
func clientText(f *Forward) string {
	client := f.Vars.ClientIP
	if !client.IsValid() || client == f.Peer.Unmap() {
		return f.PeerText
	}
	return client.String()
}

func joinList(list, element string) string {
	switch {
	case list == "":
		return element
	case element == "":
		return list
	}
	return list + ", " + element
}

// UpgradeToken is the token of allowed (lower case) that a request asks to
// upgrade to, or "": Connection must nominate Upgrade, and Upgrade must be
// that one token, once (F11).
func UpgradeToken(in []Field, allowed []string) string {
	if len(allowed) == 0 {
		return ""
	}
	asked, token, lines := false, "", 0
	for _, f := range in {
		switch {
		case strings.EqualFold(f.Name, "connection"):
			asked = asked || listHas(f.Value, "upgrade")
		case strings.EqualFold(f.Name, "upgrade"):
			token = strings.Trim(f.Value, " \t")
			lines++
		}
	}
	if !asked || lines != 1 {
		return ""
	}
	for _, a := range allowed {
		if strings.EqualFold(token, a) {
			return a
		}
	}
	return ""
}

func listHas(list, want string) bool {
	for {
		token, rest := nextToken(list)
		if strings.EqualFold(token, want) {
			return true
		}
		if rest == "" {
			return false
		}
		list = rest
	}
}
