package units

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// The shipped units of the proxy.
const (
	ProxyService = "webstack.service"
	ProxySocket  = "webstack.socket"
	// WakeName is the FileDescriptorName of the umbrella's own socket, which
	// is no listener: accept and close.
	WakeName = "wake"
)

// maxListenerName bounds a listener's name. LISTEN_FDNAMES holds all of them
// in one environment string, and a unit name ends at 255.
const maxListenerName = 64

// TemplateUnit is "UNIT@.service".
func TemplateUnit(unit string) string { return unit + "@.service" }

// InstanceUnit is "UNIT@NAME.service".
func InstanceUnit(unit, name string) string { return unit + "@" + name + ".service" }

// InstancePattern is "UNIT@*.service", which matches every instance.
func InstancePattern(unit string) string { return unit + "@*.service" }

// InstanceSocketUnit is "UNIT@NAME.socket".
func InstanceSocketUnit(unit, name string) string { return unit + "@" + name + ".socket" }

// TargetUnit is "UNIT.target".
func TargetUnit(unit string) string { return unit + ".target" }

// SliceUnit is "UNIT.slice", with each dash of unit escaped: a dash in a
// slice's name makes it a child (systemd.slice(5)), and stopping shop.slice
// would stop the instances of shop-worker.
func SliceUnit(unit string) string {
	return strings.ReplaceAll(unit, "-", `\x2d`) + ".slice"
}

// SocketUnit is the socket unit of the listener called name.
func SocketUnit(name string) string { return "webstack-" + name + ".socket" }

// ListenerName names a listener after its address: "8081" for 0.0.0.0:8081,
// "127.0.0.1-8081", "ip6-__1-8081" for [::1]:8081, "unix-run-shop.sock". Two
// addresses never share a name, and a name is valid in a unit's name and as a
// FileDescriptorName, which takes no colon (systemd.socket(5)).
func ListenerName(network, address string) string {
	name := addressName(network, address)
	if len(name) <= maxListenerName {
		return name
	}
	sum := sha256.Sum256([]byte(network + " " + address))
	// The dot keeps it apart from every name that is written out: no network
	// has one.
	return network + ".sha256-" + hex.EncodeToString(sum[:16])
}

func addressName(network, address string) string {
	if network != "tcp" {
		return network + "-" + escapePath(strings.TrimPrefix(address, "/"))
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return "tcp-" + escapePath(address)
	}
	port := strconv.Itoa(int(ap.Port()))
	addr := ap.Addr()
	switch {
	case addr == netip.IPv4Unspecified():
		return port
	case addr.Is4():
		return addr.String() + "-" + port
	}
	// An address has no underscore, so a colon may become one; a zone may.
	ip := strings.ReplaceAll(addr.WithZone("").String(), ":", "_")
	if zone := addr.Zone(); zone != "" {
		ip += "-" + escapePath(zone)
	}
	return "ip6-" + ip + "-" + port
}

// escapePath writes "/" as "-" and every byte that is not a letter, a digit
// or a dot as "_" and its two hexadecimal digits.
func escapePath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '/':
			b.WriteByte('-')
		case isAlphanumeric(c), c == '.':
			b.WriteByte(c)
		default:
			b.WriteByte('_')
			b.WriteString(hex.EncodeToString([]byte{c}))
		}
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
