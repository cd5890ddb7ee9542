package units

import (
	"fmt"
	"net/netip"
	"strings"
)

// RenderListener renders the socket unit of a listener.
func RenderListener(l Listener) (File, error) {
	var b builder
	b.header(fmt.Sprintf("the listener %s of its sites", l.Address))
	b.section("Unit")
	b.setDescription("webstack: listener "+l.Address, "")
	b.set("PartOf", ProxySocket)
	// A socket that was restarted five times in ten seconds would stay closed.
	b.set("StartLimitIntervalSec", "0")

	b.section("Socket")
	b.setText("ListenStream", l.Address)
	switch l.Network {
	case "tcp":
		b.fail(tcp(&b, l.Address))
	case "unix":
		b.fail(absolute("ListenStream", l.Address))
		// As nginx makes them: who may connect is the folder's business.
		b.set("SocketMode", "0666")
		b.set("RemoveOnStop", "yes")
	default:
		b.fail(fmt.Errorf("network %q of listener %s is neither tcp nor unix", l.Network, l.Name))
	}
	b.fail(descriptorName(l.Name))
	b.set("FileDescriptorName", l.Name)
	b.set("Service", ProxyService)
	// A proxy that crashes in a loop must not close the port.
	b.set("TriggerLimitIntervalSec", "0")
	return b.file(SocketUnit(l.Name))
}

// tcp writes what depends on the address.
func tcp(b *builder, address string) error {
	if err := literalAddress(address); err != nil {
		return err
	}
	ap := netip.MustParseAddrPort(address)
	if ap.Addr().Is6() {
		// [::]:80 and 0.0.0.0:80 are two listeners, as in nginx.
		b.set("BindIPv6Only", "ipv6-only")
	}
	// A client that has said nothing is the kernel's to keep: it takes no place
	// in the proxy, and a restart of the proxy does not end it (tcp(7),
	// TCP_DEFER_ACCEPT).
	b.set("DeferAcceptSec", deferAccept)
	if !ap.Addr().IsUnspecified() {
		// Sockets open before the network has its addresses.
		b.set("FreeBind", "yes")
	}
	return nil
}

// literalAddress checks that nothing has to be looked up, nor be chosen.
func literalAddress(address string) error {
	if ap, err := netip.ParseAddrPort(address); err != nil || ap.Port() == 0 {
		return fmt.Errorf("address %q is not a literal address and a port", address)
	}
	return nil
}

// deferAccept is for how long; past it the proxy gets the connection all the
// same, and head_timeout begins.
const deferAccept = "30s"

func descriptorName(name string) error {
	foreign := func(r rune) bool { return r > 0x7f || !isNameByte(byte(r)) }
	if name == "" || name == WakeName || strings.ContainsFunc(name, foreign) {
		return fmt.Errorf("%q cannot be the name of a listener", name)
	}
	return nil
}
