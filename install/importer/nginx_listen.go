package importer

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// listen is one address that a server listens on.
type listen struct {
	d *nginx.Directive
	// value is how a spec has it, as TOML; socket is what two servers share.
	value, socket string
	// first says that the server takes what no other of the socket does.
	first bool
	// proxied says that clients begin with a PROXY header.
	proxied bool
}

// ownParameters of listen are of the socket, which webstack.socket's units
// open: what they ask for is either done or not needed.
var ownParameters = []string{
	"reuseport", "deferred", "backlog", "fastopen", "rcvbuf", "sndbuf", "so_keepalive", "setfib", "accept_filter", "bind", "multipath",
}

// listens reads the listen directives of a server.
func (f *front) listens(s *server) []listen {
	var all []listen
	found := s.scope.mine("listen")
	if len(found) == 0 {
		// nginx listens on *:80 where nothing is said, for root.
		return []listen{{value: "80", socket: "0.0.0.0:80"}}
	}
	for _, d := range found {
		l := listen{d: d}
		secure := false
		dual := false
		for _, a := range d.Args[min(1, len(d.Args)):] {
			name, value, _ := strings.Cut(a, "=")
			switch {
			case name == "default_server" || name == "default":
				l.first = true
			case name == "ssl" || name == "quic":
				secure = true
			case name == "http2" || name == "spdy":
				f.mark(Differs, "HTTP/1.1 is spoken, no HTTP/2", d)
			case name == "proxy_protocol":
				l.proxied = true
			case name == "ipv6only":
				dual = value == "off"
			case slices.Contains(ownParameters, name):
			default:
				f.mark(Unsupported, a+" is left out", d)
			}
		}
		if slices.ContainsFunc(s.scope.find("ssl"), func(d *nginx.Directive) bool { return arg(d, 0) == "on" }) {
			secure = true
		}
		ok := f.socket(&l)
		switch {
		case secure:
			f.mark(Unsupported, "it speaks TLS, which is not in this version: the listener is left out", d)
			s.lost = append(s.lost, fmt.Sprintf("%s speaks TLS, which webstack does not yet", f.entries[d].place()))
			continue
		case !ok:
			f.mark(Unsupported, "webstack cannot listen there: it takes a port, an IP address with a port, or unix:/path", d)
			s.lost = append(s.lost, f.entries[d].place()+" is no address that webstack can listen on")
			continue
		}
		f.mark(Converted, "listen", d)
		all = append(all, l)
		if dual && l.socket == "[::]:"+port(l.socket) {
			four := l
			four.value, four.socket = port(l.socket), "0.0.0.0:"+port(l.socket)
			all = append(all, four)
		}
	}
	return all
}

// port is what stands behind the last ":".
func port(socket string) string { return socket[strings.LastIndexByte(socket, ':')+1:] }

// socket reads the address of a listen; it is false for what a spec cannot say.
func (f *front) socket(l *listen) bool {
	s := arg(l.d, 0)
	if path, unix := strings.CutPrefix(s, "unix:"); unix {
		l.value, l.socket = quote("unix:"+path), s
		return path != ""
	}
	host, digits := "*", s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, digits = s[:i], s[i+1:]
	} else if _, err := strconv.Atoi(s); err != nil {
		host, digits = s, "80"
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return false
	}
	if host == "localhost" {
		f.mark(Differs, "127.0.0.1 alone is listened on", l.d)
		host = "127.0.0.1"
	}
	if host == "*" || host == "0.0.0.0" {
		l.value, l.socket = fmt.Sprint(n), fmt.Sprintf("0.0.0.0:%d", n)
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	l.socket = netip.AddrPortFrom(addr, uint16(n)).String()
	l.value = quote(l.socket)
	return true
}

// narrow leaves out what cannot be open beside a wildcard of its port. nginx
// opens the wildcard alone and looks at the address that a client came to.
func (f *front) narrow() {
	wild := map[string]bool{}
	for _, s := range f.servers {
		for _, l := range s.listens {
			wild[l.socket] = true
		}
	}
	for _, s := range f.servers {
		s.listens = slices.DeleteFunc(s.listens, func(l listen) bool {
			if l.d == nil || strings.HasPrefix(l.socket, "unix:") || strings.HasPrefix(l.socket, "0.0.0.0:") || strings.HasPrefix(l.socket, "[::]:") {
				return false
			}
			every := "0.0.0.0:"
			if strings.HasPrefix(l.socket, "[") {
				every = "[::]:"
			}
			if !wild[every+port(l.socket)] {
				return false
			}
			why := fmt.Sprintf("another server listens on every address of port %s, so this one cannot be opened beside it", port(l.socket))
			f.mark(Unsupported, why, l.d)
			s.lost = append(s.lost, f.entries[l.d].place()+": "+why)
			return true
		})
	}
}

// elect finds the default server of each socket: the one that says so, else
// the first.
func (f *front) elect() {
	taken := map[string]bool{}
	for _, s := range f.servers {
		for _, l := range s.listens {
			taken[l.socket] = taken[l.socket] || l.first
		}
	}
	for _, s := range f.servers {
		for i, l := range s.listens {
			if !l.first && !taken[l.socket] {
				s.listens[i].first, taken[l.socket] = true, true
			}
		}
	}
}
