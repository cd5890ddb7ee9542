package proxyproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
)

const (
	// MaxHeader is the most octets that a header has: what a caller must be
	// able to buffer.
	MaxHeader = sizeV2 + maxV2

	// maxV1 is the longest line of version 1, its CRLF included: "a 108-byte
	// buffer is always enough to store all the line and a trailing zero".
	maxV1 = 107
	// sizeV2 is the fixed part of version 2.
	sizeV2 = 16
	// maxV2 bounds what follows the fixed part. The addresses need 216 octets
	// at most; the rest is for what balancers add, such as the name in a
	// client's certificate.
	maxV2 = 2048
)

const (
	beginV1 = "PROXY "
	beginV2 = "\r\n\r\n\x00\r\nQUIT\n"
)

// Why a header is refused. The connection is closed without an answer.
var (
	errBegin   = errors.New("the connection does not begin with a PROXY header")
	errLine    = errors.New("the PROXY line is malformed")
	errLong    = errors.New("the PROXY header is too long")
	errAddress = errors.New("the PROXY header holds an address that is none")
	errVersion = errors.New("the PROXY header has a version or command that is not known")
	errFamily  = errors.New("the PROXY header has an address family or transport that is not known")
	errShort   = errors.New("the PROXY header is shorter than its addresses")
)

// Header is what the sender says of the connection that it passes on.
type Header struct {
	// Local: it says nothing, and the addresses of the connection itself
	// hold. Source and Destination are the zero value then.
	Local bool
	// Source is the client, Destination what it connected to.
	Source, Destination netip.AddrPort
}

// Parse reads a header from the front of buf. n > 0: it is n octets long, and
// what it announces begins behind it. n == 0 without an error: more is needed.
func Parse(buf []byte) (h Header, n int, err error) {
	switch {
	case begins(buf, beginV1):
		return parseV1(buf)
	case begins(buf, beginV2):
		return parseV2(buf)
	}
	return Header{}, 0, errBegin
}

// begins says whether buf begins with a text, as far as it goes.
func begins(buf []byte, text string) bool {
	n := min(len(buf), len(text))
	return string(buf[:n]) == text[:n]
}

// parseV1 reads "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443" and CRLF.
func parseV1(buf []byte) (h Header, n int, err error) {
	line := buf[:min(len(buf), maxV1)]
	end := bytes.IndexFunc(line, func(c rune) bool { return c < ' ' || c > '~' })
	switch {
	case end < 0 && len(line) == maxV1, end == maxV1-1:
		return Header{}, 0, errLong
	case end < 0:
		return Header{}, 0, nil
	case line[end] != '\r' || end+1 < len(line) && line[end+1] != '\n':
		return Header{}, 0, errLine
	case end+1 == len(line):
		return Header{}, 0, nil
	}
	h, err = parseLine(string(line[len(beginV1):end]))
	if err != nil {
		return Header{}, 0, err
	}
	return h, end + len("\r\n"), nil
}

// parseLine reads what stands between "PROXY " and CRLF, one space between
// each word and the next.
func parseLine(line string) (Header, error) {
	family, rest, _ := strings.Cut(line, " ")
	if family == "UNKNOWN" {
		// "the receiver must ignore anything presented before the CRLF is
		// found".
		return Header{Local: true}, nil
	}
	if family != "TCP4" && family != "TCP6" {
		return Header{}, errFamily
	}
	source, rest, _ := strings.Cut(rest, " ")
	destination, rest, _ := strings.Cut(rest, " ")
	sourcePort, destinationPort, _ := strings.Cut(rest, " ")
	var h Header
	var ok1, ok2 bool
	h.Source, ok1 = addrPort(source, sourcePort, family == "TCP4")
	h.Destination, ok2 = addrPort(destination, destinationPort, family == "TCP4")
	if !ok1 || !ok2 {
		return Header{}, errAddress
	}
	return h, nil
}

func addrPort(address, port string, is4 bool) (netip.AddrPort, bool) {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() != is4 || addr.Zone() != "" {
		return netip.AddrPort{}, false
	}
	n, ok := parsePort(port)
	return netip.AddrPortFrom(addr, n), ok
}

// parsePort reads a number from 0 to 65535, "without leading zeroes".
func parsePort(port string) (uint16, bool) {
	if port == "" || len(port) > 5 || port[0] == '0' && port != "0" {
		return 0, false
	}
	n := 0
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return 0, false
		}
		n = n*10 + int(port[i]-'0')
	}
	return uint16(n), n <= 65535
}

// The octets of version 2 behind its signature.
const (
	commandLocal = 0x20
	commandProxy = 0x21

	// An address family in the upper four bits, a transport in the lower.
	familyTCP4 = 0x11
	familyTCP6 = 0x21
	// sizeTCP4 and sizeTCP6 are two addresses and two ports.
	sizeTCP4 = 2*4 + 2*2
	sizeTCP6 = 2*16 + 2*2
)

// parseV2 reads the signature, a command, an address family with its
// transport, a length, and as many octets.
func parseV2(buf []byte) (h Header, n int, err error) {
	if len(buf) <= len(beginV2) {
		return Header{}, 0, nil
	}
	command := buf[12]
	if command != commandLocal && command != commandProxy {
		// "Receivers must drop connections presenting unexpected values here."
		return Header{}, 0, errVersion
	}
	if len(buf) < sizeV2-2 {
		return Header{}, 0, nil
	}
	family := buf[13]
	if command == commandProxy && (family>>4 > 3 || family&0xf > 2) {
		// "must be rejected as invalid by receivers"; of a LOCAL header "the
		// family [...] is ignored".
		return Header{}, 0, errFamily
	}
	if len(buf) < sizeV2 {
		return Header{}, 0, nil
	}
	length := int(binary.BigEndian.Uint16(buf[14:]))
	if length > maxV2 {
		return Header{}, 0, errLong
	}
	if command == commandProxy && length < addressSize(family) {
		return Header{}, 0, errShort
	}
	if len(buf) < sizeV2+length {
		return Header{}, 0, nil
	}
	return addresses(command, family, buf[sizeV2:]), sizeV2 + length, nil
}

func addressSize(family byte) int {
	switch family {
	case familyTCP4:
		return sizeTCP4
	case familyTCP6:
		return sizeTCP6
	}
	return 0
}

// addresses reads what stands behind the length. For a family or transport
// that is valid but no TCP "the receiver [...] automatically falls back to the
// UNSPEC mode", where the connection's own addresses hold.
func addresses(command, family byte, b []byte) Header {
	switch {
	case command == commandLocal:
	case family == familyTCP4:
		return Header{
			Source:      netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[0:4])), binary.BigEndian.Uint16(b[8:])),
			Destination: netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[10:])),
		}
	case family == familyTCP6:
		return Header{
			Source:      netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[0:16])), binary.BigEndian.Uint16(b[32:])),
			Destination: netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[16:32])), binary.BigEndian.Uint16(b[34:])),
		}
	}
	return Header{Local: true}
}
