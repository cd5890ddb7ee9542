package header

import (
	"net/netip"

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
// request with the fields in. Host comes first. Framing (Content-Length,
// Transfer-Encoding) is not among them: the caller writes its own.
func AppendRequest(dst, in []Field, trust Trust, rules *Rules, f *Forward) []Field {
	return append(dst, in...)
}

// UpgradeToken is the token of allowed (lower case) that a request asks to
// upgrade to, or "": Connection must nominate Upgrade, and Upgrade must be
// that one token.
func UpgradeToken(in []Field, allowed []string) string { return "" }
