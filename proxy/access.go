package proxy

import (
	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/config"
)

// configureLog sends the access log where the config says. Nothing is changed
// where that cannot be opened.
func configureLog(l *accesslog.Log, c *config.Proxy) error {
	format, _ := accesslog.ParseFormat(c.AccessFormat) // Validate knows no other
	return l.Configure(c.AccessLog, format)
}

// relog configures the access log for the next config. Where that names the
// same log as the one before, a log that cannot be opened makes nothing worse:
// it is said, and is no reason to reject the config.
func (p *Proxy) relog(next *config.Config) error {
	err := configureLog(p.access, &next.Proxy)
	same := next.Proxy.AccessLog == p.config.Proxy.AccessLog && next.Proxy.AccessFormat == p.config.Proxy.AccessFormat
	if err == nil || !same {
		return err
	}
	p.sayUnlogged(err)
	return nil
}

// sayUnlogged says that the access log is not what the config asks for.
func (p *Proxy) sayUnlogged(err error) {
	now := p.access.Destination()
	if now == "off" {
		p.options.Log.Error("requests are not logged", "error", err)
		return
	}
	p.options.Log.Error("the access log stays as it was", "destination", now, "error", err)
}

// ReopenLogs opens the access log anew, after its file was renamed or what
// kept it from being opened was put right.
func (p *Proxy) ReopenLogs() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return configureLog(p.access, &p.config.Proxy)
}
