package config

import (
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/route"
)

func TestValidateNamesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		about  string
		change func(c *Config)
		want   string
	}{
		{"another version", func(c *Config) { c.Version = 3 }, "version is 3, not 1"},
		{"a negative generation", func(c *Config) { c.Generation = -1 }, "generation -1 is negative"},
		{"a trusted proxy that is none", func(c *Config) { c.Proxy.TrustedProxies = []string{"x"} }, `proxy: trusted proxy "x" is neither`},
		{"no bound for a head", func(c *Config) { c.Proxy.HeadTimeout = 0 }, "proxy: head_timeout is 0"},
		{"a negative time", func(c *Config) { c.Proxy.StopGrace = -1 }, "proxy: stop_grace -1ns is not between"},
		{"a time beyond reason", func(c *Config) { c.Proxy.BodyTimeout = maxDuration + 1 }, "body_timeout"},
		{"a negative count", func(c *Config) { c.Proxy.MaxConnections = -1 }, "max_connections -1 is negative"},

		{"a negative count for each client", func(c *Config) { c.Proxy.MaxConnectionsPerClient = -1 }, "max_connections_per_client -1 is negative"},
		{"a negative count of loops", func(c *Config) { c.Proxy.Loops = -1 }, "loops -1 is negative"},
		{"a relative access log", func(c *Config) { c.Proxy.AccessLog = "x.log" }, `proxy: access_log "x.log" is neither`},
		{"a folder for an access log", func(c *Config) { c.Proxy.AccessLog = "/var/log/" }, `access_log "/var/log/" is neither`},
		{"another format", func(c *Config) { c.Proxy.AccessFormat = "xml" }, `access_format "xml" is not`},
		{"a PROXY header from a name", func(c *Config) { c.Listeners[0].ProxyProtocol = []string{"x"} }, `listener "webstack-8081": proxy_protocol: `},

		{"two listeners of one name", func(c *Config) { c.Listeners[1].Name = "webstack-8081" }, `listener "webstack-8081": the name is there twice`},
		{"two listeners of one address", func(c *Config) { c.Listeners[1].Address = "0.0.0.0:8081" }, `"0.0.0.0:8081" is listener "webstack-8081"'s`},
		{"a listener's name with a colon", func(c *Config) { c.Listeners[0].Name = "a:b" }, "not one that a descriptor can have"},
		{"a listener with a host name", func(c *Config) { c.Listeners[0].Address = "localhost:80" }, "is not a literal address"},
		{"a listener without a port", func(c *Config) { c.Listeners[0].Address = "127.0.0.1:0" }, "is not a literal address"},
		{"a listener on a relative path", func(c *Config) { c.Listeners[2].Address = "x.sock" }, `"x.sock" is not an absolute`},
		{"a socket path that is too long", func(c *Config) { c.Listeners[2].Address = "/" + strings.Repeat("x", 107) }, "longer than the 107 bytes"},
		{"another network", func(c *Config) { c.Listeners[0].Network = "udp" }, `network "udp" is neither`},

		{"two upstreams of one name", func(c *Config) { c.Upstreams = append(c.Upstreams, c.Upstreams[0]) }, `upstream "analysisweb": the name is there twice`},
		{"another balance", func(c *Config) { c.Upstreams[0].Balance = "hash" }, `balance "hash" is not`},
		{"a negative bound", func(c *Config) { c.Upstreams[0].MaxInFlight = -1 }, "max_in_flight -1 is negative"},
		{"a queue without a bound", func(c *Config) { c.Upstreams[0].Queue, c.Upstreams[0].QueueTimeout = 1, 1 }, "queue is 1 and max_in_flight 0"},
		{"a queue without a time", func(c *Config) { c.Upstreams[0].Queue, c.Upstreams[0].MaxInFlight = 1, 1 }, "queue_timeout is 0"},
		{"fails without a time", func(c *Config) { c.Upstreams[0].FailTimeout = 0 }, "fail_timeout is 0"},
		{"no bound for a connect", func(c *Config) { c.Upstreams[0].ConnectTimeout = 0 }, "connect_timeout is 0"},
		{"a negative hold", func(c *Config) { c.Upstreams[0].Hold = -1 }, "hold -1ns is not between"},
		{"a slow start beyond reason", func(c *Config) { c.Upstreams[0].SlowStart = maxDuration + 1 }, "slow_start"},
		{"on demand without a hold", func(c *Config) { c.Upstreams[0].OnDemand, c.Upstreams[0].Hold = true, 0 }, "on_demand with hold 0"},
		{"on demand without an app", func(c *Config) { c.Upstreams[0].OnDemand, c.Upstreams[0].App = true, "" }, "on_demand needs an app"},
		{"a check without an interval", func(c *Config) { c.Upstreams[0].Health.Interval = 0 }, `upstream "analysisweb": health: interval is 0`},
		{"a check without a timeout", func(c *Config) { c.Upstreams[0].Health.Timeout = 0 }, "health: timeout is 0"},
		{"a check that never rises", func(c *Config) { c.Upstreams[0].Health.Rise = 0 }, "health: rise 0 is not between"},
		{"a check that never falls", func(c *Config) { c.Upstreams[0].Health.Fall = maxStreak + 1 }, "health: fall 1001 is not between"},
		{"a check of a relative path", func(c *Config) { c.Upstreams[0].Health.Path = "x" }, `health: path "x" is not`},
		{"a check of two lines", func(c *Config) { c.Upstreams[0].Health.Path = "/\r\nX: y" }, "is not what a request can ask for"},
		{"a check of a fragment", func(c *Config) { c.Upstreams[0].Health.Path = "/#x" }, "is not what a request can ask for"},
		{"a check that nothing passes", func(c *Config) { c.Upstreams[0].Health.Status = nil }, "no status is well"},
		{"a check for an interim status", func(c *Config) { c.Upstreams[0].Health.Status[0].From = 100 }, "status 100 to 399 is no range"},
		{"a check for a range that is turned around", func(c *Config) { c.Upstreams[0].Health.Status[0].To = 199 }, "status 200 to 199 is no range"},
		{"a check with two hosts", func(c *Config) { c.Upstreams[0].Health.Host = "a b" }, `host "a b" is not`},
		{"a status of a mere connect", func(c *Config) { c.Upstreams[0].Health.Path = "" }, "need a path"},
		{"no instance", func(c *Config) { c.Upstreams[0].Instances = nil }, "it has no instance"},
		{"two instances of one id", func(c *Config) { c.Upstreams[0].Instances[1].ID = "app@8020" }, `instance "app@8020": the id is there twice`},
		{"an instance without a port", func(c *Config) { c.Upstreams[0].Instances[0].Address = "127.0.0.1" }, "is not a host with a port"},
		{"an instance with user information", func(c *Config) { c.Upstreams[0].Instances[0].Address = "a@b:80" }, "is not a host with a port"},
		{"an instance's port beyond all", func(c *Config) { c.Upstreams[0].Instances[0].Address = "b:65536" }, "is not a host with a port"},
		{"a weight of nothing", func(c *Config) { c.Upstreams[0].Instances[0].Weight = 0 }, "weight 0 is not between"},
		{"one id, two addresses", func(c *Config) {
			other := c.Upstreams[0]
			other.Name, other.Instances = "other", []Instance{{ID: "app@8020", Network: "tcp", Address: "127.0.0.1:9", Weight: 1}}
			c.Upstreams = append(c.Upstreams, other)
		}, `it has the address "127.0.0.1:9" here`},

		{"two sites of one name", func(c *Config) { c.Sites[1].Name = "analysis" }, `site "analysis": the name is there twice`},
		{"a listener that is not there", func(c *Config) { c.Sites[0].Listeners[0] = "x" }, `listener "x" is not defined`},
		{"a site without a listener", func(c *Config) { c.Sites[0].Listeners = nil }, "it has no listener"},
		{"two sites without hosts", func(c *Config) { c.Sites[1].Hosts = nil }, `sites "analysis" and "www" of one listener both name no host`},
		{"a bad host", func(c *Config) { c.Sites[1].Hosts[0] = "WWW" }, `"WWW" is not a host name`},
		{"a route path with dots", func(c *Config) { c.Sites[0].Routes[1].Path = "/.." }, `"/.." is not a clean path`},
		{"two routes of one path", func(c *Config) { c.Sites[1].Routes[1] = c.Sites[1].Routes[0] }, `has two routes "/"`},
		{"an unknown kind", func(c *Config) { c.Sites[0].Routes[0].Match = "regex" }, `unknown kind "regex"`},
		{"no action", func(c *Config) { c.Sites[0].Routes[1].Upstream = ""; c.Sites[0].Routes[1].Upgrade = nil }, `route "/": it has 0 of`},
		{"two actions", func(c *Config) { c.Sites[0].Routes[1].Respond = &Respond{Status: 200} }, `route "/": it has 2 of`},
		{"a problem behind a percent sign", func(c *Config) { c.Sites[1].Routes[1].Respond.Status = 99 }, `route "/100%": respond: status 99`},
		{"an upstream that is not there", func(c *Config) { c.Sites[0].Routes[1].Upstream = "shpo" }, `upstream "shpo" is not defined`},
		{"another retry", func(c *Config) { c.Sites[0].Routes[1].Retry = "" }, `retry "" is neither`},
		{"negative tries", func(c *Config) { c.Sites[0].Routes[1].Tries = -1 }, "tries -1 is negative"},
		{"an upgrade to h2c", func(c *Config) { c.Sites[0].Routes[1].Upgrade = []string{"h2c"} }, `upgrade "h2c"`},
		{"an upgrade in capitals", func(c *Config) { c.Sites[0].Routes[1].Upgrade = []string{"WebSocket"} }, `upgrade "WebSocket"`},
		{"request_buffer on files", func(c *Config) { c.Sites[0].Routes[0].RequestBuffer = true }, "need an upstream"},
		{"a fallback of an app", func(c *Config) { c.Sites[0].Routes[1].Fallback = "/" }, "fallback needs files"},
		{"a fallback to no path", func(c *Config) { c.Sites[0].Routes[0].Fallback = "x" }, `fallback "x" is not an absolute`},
		{"an internal redirect", func(c *Config) { c.Sites[1].Routes[0].Internal = true }, "internal needs files or an upstream"},
		{"strip_prefix on files", func(c *Config) { c.Sites[0].Routes[0].StripPrefix = true }, "need an upstream"},
		{"a header that is the connection's", func(c *Config) { c.Sites[0].Routes[1].RequestHeaders[0].Name = "TE" }, `request_headers: header "TE" belongs`},
		{"a header with a line feed", func(c *Config) { c.Sites[0].Routes[0].ResponseHeaders = []Field{{"A", "b\n"}} }, `response_headers: header "A"`},
		{"a relative root", func(c *Config) { c.Sites[0].Routes[0].Files.Root = "static" }, `files: root "static" is not an absolute`},
		{"a root with dots", func(c *Config) { c.Sites[0].Routes[0].Files.Root = "/a/../b" }, `root "/a/../b" is not`},
		{"a relative folder to follow to", func(c *Config) { c.Sites[0].Routes[0].Files.FollowSymlinksTo = []string{"x"} }, `follow_symlinks_to "x"`},
		{"an index with a slash", func(c *Config) { c.Sites[0].Routes[0].Files.Index = "a/b" }, `index "a/b"`},
		{"a hidden index", func(c *Config) { c.Sites[0].Routes[0].Files.Index = ".." }, `index ".."`},
		{"expires beyond reason", func(c *Config) { d := maxDuration + 1; c.Sites[0].Routes[0].Files.Expires = &d }, "expires"},
		{"a redirect to nowhere", func(c *Config) { c.Sites[1].Routes[0].Redirect.Location = "" }, "it has no location"},
		{"a redirect that is open", func(c *Config) { c.Sites[1].Routes[0].Redirect.Location = "https:{uri}" }, "choose the host"},
		{"a redirect with another status", func(c *Config) { c.Sites[1].Routes[0].Redirect.Status = 200 }, "status 200 is not 301"},
		{"a body where none can be", func(c *Config) { c.Sites[1].Routes[1].Respond.Status = 204 }, "status 204 has no body"},
	} {
		c := seed()
		tt.change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.about, err, tt.want)
		}
	}
	if err := seed().Validate(); err != nil {
		t.Errorf("the seed's config: %v", err)
	}
}

func TestValidatePasses(t *testing.T) {
	for _, tt := range []struct {
		about  string
		change func(u *Upstream)
	}{
		{"no check", func(u *Upstream) { u.Health = nil }},
		{"a mere connect", func(u *Upstream) { u.Health = &Health{Interval: 1, Timeout: 1, Rise: 1, Fall: 1} }},
		{"a check with a query and a port", func(u *Upstream) { u.Health.Path, u.Health.Host = "/up?deep=1", "[::1]:80" }},
		{"on demand, with a hold", func(u *Upstream) { u.OnDemand = true }},
		{"instances that a connection wakes, without one", func(u *Upstream) {
			u.OnDemand, u.Hold = true, 0
			for i := range u.Instances {
				u.Instances[i].Woken = true
			}
		}},
	} {
		c := seed()
		tt.change(&c.Upstreams[0])
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", tt.about, err)
		}
	}
}

func TestValidateNamesAllAtOnce(t *testing.T) {
	c := seed()
	c.Version = 2
	c.Listeners[0].Network = "udp"
	c.Upstreams[0].Balance = "hash"
	c.Sites[0].Routes[1].Upstream = "shpo"
	err := c.Validate()
	for _, want := range []string{"version is 2", `"udp"`, `"hash"`, `"shpo"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

func TestRouteSitesCountTargetsOverAllSites(t *testing.T) {
	c := seed()
	table, err := route.Compile(c.RouteSites("webstack-8081"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host, path string
		want       int
	}{
		{"x", "/static/a", 0}, {"x", "/a", 1}, {"www.example.com", "/a", 2}, {"www.example.com", "/100%", 3},
	} {
		if got, v := table.Match(tt.host, tt.path); got != tt.want || v != route.Found {
			t.Errorf("Match(%q, %q) = %d, %v, want %d", tt.host, tt.path, got, v, tt.want)
		}
	}
	if got := c.RouteSites("webstack-v6"); len(got) != 1 || got[0].Name != "analysis" {
		t.Errorf("the sites of webstack-v6 are %+v, want analysis", got)
	}
	if got := c.RouteSites("webstack-local"); got != nil {
		t.Errorf("the sites of webstack-local are %+v, want none", got)
	}
}

func TestDurationText(t *testing.T) {
	d := Duration(90 * time.Minute)
	text, err := d.MarshalText()
	if string(text) != "1h30m0s" || err != nil {
		t.Errorf("MarshalText() = %q, %v", text, err)
	}
	var back Duration
	if err := back.UnmarshalText(text); err != nil || back != d {
		t.Errorf("UnmarshalText(%q) = %v, %v", text, back, err)
	}
}
