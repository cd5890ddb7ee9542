package config

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

// maxDuration is the longest time that a config may hold: ten years. It is
// well inside of what deadlines can be computed with.
const maxDuration = Duration(10 * 365 * 24 * time.Hour)

// maxSocketPath is sun_path without its final NUL (unix(7)).
const maxSocketPath = 107

// Validate says everything that is wrong with the config, joined: what it
// passes compiles into route tables, header rules and templates.
func (c *Config) Validate() error {
	p := &problems{all: new([]error)}
	if c.Version != Version {
		p.add("version is %d, not %d", c.Version, Version)
	}
	if c.Generation < 0 {
		p.add("generation %d is negative", c.Generation)
	}
	c.Proxy.validate(p.in("proxy"))
	c.validateListeners(p)
	c.validateUpstreams(p)
	c.validateSites(p)
	return errors.Join(*p.all...)
}

// problems gathers what is wrong, each behind the place where it is.
type problems struct {
	where string
	all   *[]error
}

// in is the same list, for a place inside of this one.
func (p *problems) in(format string, values ...any) *problems {
	return &problems{where: p.where + fmt.Sprintf(format, values...) + ": ", all: p.all}
}

func (p *problems) add(format string, values ...any) {
	*p.all = append(*p.all, fmt.Errorf("%s%w", p.where, fmt.Errorf(format, values...)))
}

// addError adds each part of a joined error; nil is none.
func (p *problems) addError(err error) {
	if err == nil {
		return
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		p.add("%w", err)
		return
	}
	for _, part := range joined.Unwrap() {
		p.addError(part)
	}
}

// duration checks one time; zero is refused where it must be a bound.
func (p *problems) duration(key string, d Duration, mustBound bool) {
	switch {
	case d < 0 || d > maxDuration:
		p.add("%s %s is not between 0 and %s", key, time.Duration(d), time.Duration(maxDuration))
	case d == 0 && mustBound:
		p.add("%s is 0, and must bound something", key)
	}
}

// count checks one number that may not be negative.
func (p *problems) count(key string, n int64) {
	if n < 0 {
		p.add("%s %d is negative", key, n)
	}
}

func (x *Proxy) validate(p *problems) {
	_, err := header.ParseTrust(x.TrustedProxies)
	p.addError(err)
	p.duration("head_timeout", x.HeadTimeout, true)
	p.duration("body_timeout", x.BodyTimeout, false)
	p.duration("send_timeout", x.SendTimeout, false)
	p.duration("keepalive_timeout", x.KeepaliveTimeout, false)
	p.count("max_connections", int64(x.MaxConnections))
	p.count("max_connections_per_client", int64(x.MaxConnectionsPerClient))
	p.count("loops", int64(x.Loops))
	switch x.AccessLog {
	case "", "off", "stdout", "journal":
	default:
		if !isAbsolute(x.AccessLog) || strings.HasSuffix(x.AccessLog, "/") {
			p.add("access_log %q is neither an absolute, clean path of a file nor \"stdout\", \"journal\" or \"off\"", x.AccessLog)
		}
	}
	switch x.AccessFormat {
	case "", "combined", "json", "logfmt":
	default:
		p.add("access_format %q is not \"combined\", \"json\" or \"logfmt\"", x.AccessFormat)
	}
	p.duration("stop_grace", x.StopGrace, false)
	p.duration("stop_timeout", x.StopTimeout, true)
}

func (c *Config) validateListeners(p *problems) {
	names, addresses := map[string]bool{}, map[string]string{}
	for _, l := range c.Listeners {
		p := p.in("listener %q", l.Name)
		if !isDescriptorName(l.Name) {
			p.add("the name is not one that a descriptor can have")
		}
		if names[l.Name] {
			p.add("the name is there twice")
		}
		names[l.Name] = true
		switch l.Network {
		case "tcp":
			a, err := netip.ParseAddrPort(l.Address)
			if err != nil || a.Port() == 0 {
				p.add("address %q is not a literal address with a port", l.Address)
			}
		case "unix":
			validateSocket(p, l.Address)
		default:
			p.add("network %q is neither tcp nor unix", l.Network)
		}
		if other, taken := addresses[l.Address]; taken {
			p.add("address %q is listener %q's", l.Address, other)
		}
		addresses[l.Address] = l.Name
		_, err := header.ParseTrust(l.ProxyProtocol)
		p.in("proxy_protocol").addError(err)
	}
}

// isDescriptorName follows FileDescriptorName= (systemd.socket(5)): printable
// ASCII without a colon, at most 255 characters.
func isDescriptorName(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != "" && len(name) <= 255
}

func validateSocket(p *problems, address string) {
	switch {
	case !isAbsolute(address):
		p.add("address %q is not an absolute, clean path", address)
	case len(address) > maxSocketPath:
		p.add("address %q is longer than the %d bytes that a socket's path can have", address, maxSocketPath)
	}
}

// isAbsolute says whether a path is absolute and clean; a trailing slash is
// fine, as operators write folders with it.
func isAbsolute(name string) bool {
	if !strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return false
	}
	return name == "/" || path.Clean(name) == strings.TrimSuffix(name, "/")
}

// isHostPort says whether an address is a name or a literal with a port.
func isHostPort(address string) bool {
	if a, err := netip.ParseAddrPort(address); err == nil {
		return a.Port() != 0
	}
	name, port, found := strings.Cut(address, ":")
	n, err := strconv.ParseUint(port, 10, 16)
	return found && err == nil && n != 0 && route.IsHostName(name)
}
