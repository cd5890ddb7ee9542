package proxyproto

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tail is what the connection carries behind its header.
const tail = "GET / HTTP/1.1\r\n"

// tell says what Parse makes of a prefix: "192.0.2.1:1 to 192.0.2.2:2",
// "local", "more", or why it is refused.
func tell(prefix []byte) (int, string) {
	h, n, err := Parse(prefix)
	switch {
	case err != nil && (n != 0 || h != Header{}):
		return n, "an error and a header"
	case err != nil:
		return n, err.Error()
	case n == 0:
		return 0, "more"
	case h.Local:
		return n, "local"
	}
	return n, fmt.Sprintf("%v to %v", h.Source, h.Destination)
}

// checkParse runs a case whole, byte by byte, and with a request behind it.
func checkParse(t testing.TB, about string, wire []byte) (n int, whole string) {
	t.Helper()
	n, whole = tell(wire)
	settled := false
	for k := range len(wire) + 1 {
		nk, got := tell(slices.Clone(wire[:k]))
		switch {
		case got == whole && nk == n && k >= n:
			settled = true
		case got != "more" || settled:
			t.Errorf("%s: the first %d octets of %q: got %d, %q; the whole gives %d, %q", about, k, wire, nk, got, n, whole)
			return n, whole
		}
	}
	if whole != "more" {
		if nt, got := tell(append(slices.Clone(wire), tail...)); nt != n || got != whole {
			t.Errorf("%s: with a request behind it: got %d, %q, want %d, %q", about, nt, got, n, whole)
		}
	}
	return n, whole
}

func TestX13Version1(t *testing.T) {
	longest := "PROXY UNKNOWN " + strings.Repeat("f", maxV1-len("PROXY UNKNOWN \r\n")) + "\r\n"
	for _, tt := range []struct{ about, wire, want string }{
		{"IPv4", "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", "192.0.2.1:56324 to 192.0.2.2:443"},
		{"IPv6", "PROXY TCP6 2001:db8::1 2001:DB8::2 0 65535\r\n", "[2001:db8::1]:0 to [2001:db8::2]:65535"},
		{"unknown", "PROXY UNKNOWN\r\n", "local"},
		{"unknown with anything", "PROXY UNKNOWN x y 1\r\n", "local"},
		{"as long as may be", longest, "local"},
		{"one longer", strings.Replace(longest, " f", " ff", 1), errLong.Error()},
		{"without an end", "PROXY UNKNOWN " + strings.Repeat("f", maxV1), errLong.Error()},
		{"another word", "PROXIES TCP4 192.0.2.1 192.0.2.2 1 2\r\n", errBegin.Error()},
		{"in lower case", "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", errBegin.Error()},
		{"a request", tail, errBegin.Error()},
		{"another family", "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", errFamily.Error()},
		{"no family", "PROXY \r\n", errFamily.Error()},
		{"LF alone", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", errLine.Error()},
		{"CR alone", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rG", errLine.Error()},
		{"NUL", "PROXY TCP4 192.0.2.1\x00192.0.2.2 1 2\r\n", errLine.Error()},
		{"a tab", "PROXY TCP4\t192.0.2.1 192.0.2.2 1 2\r\n", errLine.Error()},
		{"two spaces", "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", errAddress.Error()},
		{"a space at the end", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", errAddress.Error()},
		{"too few words", "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", errAddress.Error()},
		{"too many", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", errAddress.Error()},
		{"an address of the other family", "PROXY TCP4 ::1 ::2 1 2\r\n", errAddress.Error()},
		{"and the other way round", "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", errAddress.Error()},
		{"an address that is none", "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n", errAddress.Error()},
		{"a leading nought", "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", errAddress.Error()},
		{"a zone", "PROXY TCP6 fe80::1%lo ::2 1 2\r\n", errAddress.Error()},
		{"a port above 65535", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", errAddress.Error()},
		{"a port with a leading nought", "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", errAddress.Error()},
		{"a port with a sign", "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n", errAddress.Error()},
		{"an empty port", "PROXY TCP4 192.0.2.1 192.0.2.2  2\r\n", errAddress.Error()},
		{"nothing", "", "more"},
		{"cut", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r", "more"},
	} {
		if _, got := checkParse(t, tt.about, []byte(tt.wire)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.about, got, tt.want)
		}
	}
}

// version2 is a header: its command, its family, its length where it is not
// that of the rest, and the rest, all in hexadecimal.
func version2(t testing.TB, command, family, length, rest string) []byte {
	t.Helper()
	if length == "" {
		length = fmt.Sprintf("%04x", len(rest)/2)
	}
	b, err := hex.DecodeString(command + family + length + rest)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(beginV2), b...)
}

func TestX13Version2(t *testing.T) {
	const (
		addresses4 = "c0000201" + "c0000202" + "dc04" + "01bb"
		addresses6 = "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "dc04" + "01bb"
	)
	most := strings.Repeat("00", maxV2)
	for _, tt := range []struct{ about, command, family, length, rest, want string }{
		{"IPv4", "21", "11", "", addresses4, "192.0.2.1:56324 to 192.0.2.2:443"},
		{"IPv6", "21", "21", "", addresses6, "[2001:db8::1]:56324 to [2001:db8::2]:443"},
		{"IPv4 with more behind it", "21", "11", "", addresses4 + "040001ff", "192.0.2.1:56324 to 192.0.2.2:443"},
		{"the balancer itself", "20", "00", "", "", "local"},
		{"the balancer itself, with addresses", "20", "11", "", addresses4, "local"},
		{"the balancer itself, with a family that is none", "20", "ff", "", "", "local"},
		{"unspecified", "21", "00", "", "", "local"},
		{"datagrams", "21", "12", "", addresses4, "local"},
		{"unix sockets", "21", "31", "", strings.Repeat("00", 216), "local"},
		{"as long as may be", "21", "00", "", most, "local"},
		{"one longer", "21", "00", "", most + "00", errLong.Error()},
		{"a length beyond all bounds", "21", "11", "ffff", addresses4, errLong.Error()},
		{"a length below IPv4's", "21", "11", "", addresses4[2:], errShort.Error()},
		{"a length below IPv6's", "21", "21", "", addresses6[2:], errShort.Error()},
		{"a length of 0 with addresses behind it", "21", "11", "0000", addresses4, errShort.Error()},
		{"version 1 in it", "11", "11", "", addresses4, errVersion.Error()},
		{"version 3", "31", "11", "", addresses4, errVersion.Error()},
		{"another command", "22", "11", "", addresses4, errVersion.Error()},
		{"another family", "21", "41", "", addresses4, errFamily.Error()},
		{"another transport", "21", "13", "", addresses4, errFamily.Error()},
		{"cut in the addresses", "21", "11", "000c", addresses4[:10], "more"},
		{"cut in the length", "21", "11", "00", "", "more"},
	} {
		if _, got := checkParse(t, tt.about, version2(t, tt.command, tt.family, tt.length, tt.rest)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.about, got, tt.want)
		}
	}
	if _, got := checkParse(t, "a signature with a fault", []byte("\r\n\r\n\x00\r\nQUIT\r")); got != errBegin.Error() {
		t.Errorf("a signature with a fault: got %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n" + tail))
	f.Add(version2(f, "21", "11", "", "c0000201c0000202dc0401bb"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		if len(wire) > MaxHeader {
			return
		}
		n, whole := checkParse(t, "header", wire)
		if n > MaxHeader || n > len(wire) {
			t.Errorf("%q: %d octets long, %s", wire, n, whole)
		}
		h, _, err := Parse(wire)
		if n == 0 || err != nil || h.Local {
			return
		}
		family := "TCP6"
		if h.Source.Addr().Is4() {
			family = "TCP4"
		}
		again := fmt.Sprintf("PROXY %s %s %s %d %d\r\n", family, h.Source.Addr(), h.Destination.Addr(), h.Source.Port(), h.Destination.Port())
		if m, got := tell([]byte(again)); m != len(again) || got != whole {
			t.Errorf("%q, written anew as %q: got %q, want %q", wire, again, got, whole)
		}
	})
}
