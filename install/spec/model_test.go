package spec_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install/spec"
)

// seed is the deployment that the first release is for.
const seed = `[app.analysisweb]
unit      = "app"                  # app@8020.service ... app@8027.service; default: the app's name
command   = "/usr/bin/python3 app.py --port={port}"
ports     = "8020-8027"
directory = "/home/ly/analysisweb"
user      = "ly"

[site.analysis]
listen             = 8081
routes."/static/"  = { files = "/home/ly/analysisweb/static/", expires = "24h" }
routes."/"         = { app = "analysisweb" }

[site.reports]
listen     = 8082
routes."/" = { files = "/srv/reports/" }
`

// parse wants a spec without mistakes.
func parse(t *testing.T, texts ...string) *spec.Spec {
	t.Helper()
	files := make([]spec.File, len(texts))
	for i, text := range texts {
		files[i] = spec.File{Name: "webstack.toml", Data: []byte(text)}
		if i > 0 {
			files[i].Name = "conf.d/" + string(rune('a'+i-1)) + ".toml"
		}
	}
	s, diags := spec.Parse(files)
	for _, d := range diags {
		t.Errorf("got a mistake:\n%s", d)
	}
	if s == nil {
		t.FailNow()
	}
	return s
}

// wantJSON compares the exported parts of two values.
func wantJSON(t *testing.T, got, want any) {
	t.Helper()
	g, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(g), "\n"), strings.Split(string(w), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		a, b := "", ""
		if i < len(gotLines) {
			a = gotLines[i]
		}
		if i < len(wantLines) {
			b = wantLines[i]
		}
		if a != b {
			t.Fatalf("line %d: got %q, want %q; all of it:\n%s", i+1, a, b, g)
		}
	}
}

func defaultBalance() spec.Balance {
	return spec.Balance{
		Method: "round-robin", QueueTimeout: 5 * time.Second, MaxFails: 1, FailTimeout: 10 * time.Second, ConnectTimeout: 5 * time.Second,
		Keepalive: 32, KeepaliveTimeout: time.Minute, KeepaliveRequests: 1000, Hold: 10 * time.Second,
		Health: &spec.Health{Interval: 5 * time.Second, Timeout: 2 * time.Second, Rise: 1, Fall: 2},
	}
}

func defaultApp() spec.App {
	return spec.App{
		Directory: "/", Bind: "app", Start: "boot", Restart: "always", RestartDelay: time.Second,
		StartTimeout: 30 * time.Second, StopTimeout: 30 * time.Second, DrainTimeout: 30 * time.Second,
		StopSignal: "TERM", StopKill: "group", Stdout: "journal", Balance: defaultBalance(),
		Deploy: spec.Deploy{Canary: 1, Watch: 30 * time.Second, Keep: 5},
	}
}

func defaultRoute() spec.Route {
	return spec.Route{
		Index: "index.html", AccessLog: true, MaxBodyBytes: 1 << 20, Retry: "error", Tries: 2,
		ResponseTimeout: time.Minute, IdleTimeout: time.Minute, Upgrade: []string{"websocket"},
	}
}

func TestTheSeedsDeployment(t *testing.T) {
	s := parse(t, seed)

	app := defaultApp()
	app.Name, app.Unit, app.User, app.Directory = "analysisweb", "app", "ly", "/home/ly/analysisweb"
	app.Command = []string{"/usr/bin/python3", "app.py", "--port={port}"}
	app.Ports = []int{8020, 8021, 8022, 8023, 8024, 8025, 8026, 8027}
	app.Address, app.Balance = "127.0.0.1:{port}", defaultBalance()
	wantJSON(t, s.Apps, []*spec.App{&app})

	day := 24 * time.Hour
	static, root, reports := defaultRoute(), defaultRoute(), defaultRoute()
	static.Key, static.Match, static.Path, static.Files, static.Expires = "/static/", "below", "/static/", "/home/ly/analysisweb/static/", &day
	root.Key, root.Match, root.Path, root.App = "/", "prefix", "/", "analysisweb"
	reports.Key, reports.Match, reports.Path, reports.Files = "/", "prefix", "/", "/srv/reports/"
	wantJSON(t, s.Sites, []*spec.Site{
		{Name: "analysis", Listen: []spec.Listen{{Network: "tcp", Address: "0.0.0.0:8081"}}, Routes: []*spec.Route{&static, &root}},
		{Name: "reports", Listen: []spec.Listen{{Network: "tcp", Address: "0.0.0.0:8082"}}, Routes: []*spec.Route{&reports}},
	})
	wantJSON(t, s.Proxy, spec.Proxy{
		HeadTimeout: 10 * time.Second, BodyTimeout: time.Minute, SendTimeout: time.Minute, KeepaliveTimeout: 75 * time.Second,
		StopGrace: time.Second, StopTimeout: 30 * time.Second,
		AccessLog: "/var/log/webstack/access.log", AccessFormat: "combined",
	})
}

// The shop and the search are the deployments of the design's reference, with
// what is not in this version taken out or replaced.
func TestTheShop(t *testing.T) {
	s := parse(t, `[app.shop]
command      = "/srv/shop/venv/bin/gunicorn shop.wsgi --workers 1 --bind 127.0.0.1:{port}"
ports        = "8000-8001"
directory    = "/srv/shop/current"
user         = "shop"
env_file     = "/etc/shop/env"
env          = { DEBUG = true, N = 3, RATE = 0.5, NAME = "a {{b}" }
credentials  = { key = "/etc/shop/key" }
limits       = { memory = "1GB", open_files = 65536 }
stop_timeout = "35s"
depends_on   = ["postgresql.service", "redis-server.service"]

[app.shop-worker]
like         = "shop"
command      = ["/srv/shop/venv/bin/celery", "-A", "shop", "worker", "-n", "worker{instance}@%h", "-c", "2"]
instances    = 3
stop_timeout = "10m"
stop_kill    = "process"
env          = { N = "4", EXTRA = "x" }
limits       = { memory = "2GB", cpu = "150%", tasks = 100 }
depends_on   = "shop"
nice         = 5
service      = { PrivateTmp = true, ExecStartPre = ["/bin/a", "/bin/b"] }

[site.shop]
listen               = 80
hosts                = ["Example.com", "*.example.com"]
max_body             = "50MB"
request_headers      = { X-A = "site", X-B = "{client_ip}" }
routes."/static/"    = { files = "/srv/shop/static/", expires = "30d" }
routes."= /health"   = { respond = "fine" }
routes."/"           = { app = "shop", max_body = 0, request_headers = { x-a = "route", X-B = "" } }

[site.www]
listen     = [80, "[::1]:81", "unix:/run/www.sock"]
hosts      = "www.example.org"
routes."/" = { redirect = "http://example.com{uri}", status = 301 }
`)
	web := defaultApp()
	web.Name, web.Unit, web.User, web.Directory = "shop", "shop", "shop", "/srv/shop/current"
	web.Command = []string{"/srv/shop/venv/bin/gunicorn", "shop.wsgi", "--workers", "1", "--bind", "127.0.0.1:{port}"}
	web.Ports, web.Address = []int{8000, 8001}, "127.0.0.1:{port}"
	web.EnvFiles = []string{"/etc/shop/env"}
	web.Env = []spec.EnvVar{{Name: "DEBUG", Value: "true"}, {Name: "N", Value: "3"}, {Name: "RATE", Value: "0.5"}, {Name: "NAME", Value: "a {{b}"}}
	web.Credentials = []spec.Credential{{Name: "key", Path: "/etc/shop/key"}}
	web.Limits = spec.Limits{MemoryBytes: 1 << 30, OpenFiles: 65536}
	web.StopTimeout = 35 * time.Second
	web.DependsOn = []string{"postgresql.service", "redis-server.service"}

	nice := 5
	worker := defaultApp()
	worker.Name, worker.Unit, worker.User, worker.Directory = "shop-worker", "shop-worker", "shop", "/srv/shop/current"
	worker.Command = []string{"/srv/shop/venv/bin/celery", "-A", "shop", "worker", "-n", "worker{instance}@%h", "-c", "2"}
	worker.Count, worker.Nice, worker.Balance.Health = 3, &nice, nil
	worker.EnvFiles = web.EnvFiles
	worker.Env = []spec.EnvVar{{Name: "DEBUG", Value: "true"}, {Name: "N", Value: "4"}, {Name: "RATE", Value: "0.5"}, {Name: "NAME", Value: "a {{b}"}, {Name: "EXTRA", Value: "x"}}
	worker.Credentials = web.Credentials
	worker.Limits = spec.Limits{MemoryBytes: 2 << 30, CPUPercent: 150, Tasks: 100, OpenFiles: 65536}
	worker.StopTimeout, worker.StopKill = 10*time.Minute, "process"
	worker.DependsOn = []string{"shop.target"}
	worker.Service = []spec.ServiceKey{{Name: "PrivateTmp", Values: []string{"true"}}, {Name: "ExecStartPre", Values: []string{"/bin/a", "/bin/b"}}}
	wantJSON(t, s.Apps, []*spec.App{&web, &worker})

	month := 30 * 24 * time.Hour
	fields := []spec.Header{{Name: "X-A", Value: "site"}, {Name: "X-B", Value: "{client_ip}"}}
	static, health, root, www := defaultRoute(), defaultRoute(), defaultRoute(), defaultRoute()
	static.Key, static.Match, static.Path, static.Files, static.Expires = "/static/", "below", "/static/", "/srv/shop/static/", &month
	static.MaxBodyBytes, static.RequestHeaders = 50<<20, fields
	health.Key, health.Match, health.Path, health.Respond, health.Status, health.Body = "= /health", "exact", "/health", true, 200, "fine"
	health.MaxBodyBytes, health.RequestHeaders = 50<<20, fields
	root.Key, root.Match, root.Path, root.App, root.MaxBodyBytes = "/", "prefix", "/", "shop", 0
	root.RequestHeaders = []spec.Header{{Name: "x-a", Value: "route"}, {Name: "X-B", Value: ""}}
	www.Key, www.Match, www.Path, www.Redirect, www.Status = "/", "prefix", "/", "http://example.com{uri}", 301
	wantJSON(t, s.Sites, []*spec.Site{
		{
			Name: "shop", Listen: []spec.Listen{{Network: "tcp", Address: "0.0.0.0:80"}},
			Hosts: []string{"example.com", "*.example.com"}, Routes: []*spec.Route{&static, &health, &root},
		},
		{
			Name: "www", Listen: []spec.Listen{{Network: "tcp", Address: "0.0.0.0:80"}, {Network: "tcp", Address: "[::1]:81"}, {Network: "unix", Address: "/run/www.sock"}},
			Hosts: []string{"www.example.org"}, Routes: []*spec.Route{&www},
		},
	})
}

func TestTheSearch(t *testing.T) {
	s := parse(t, `[app.fallback]
command = "/bin/x"
user    = "u"
ports   = 9000

[upstream.search]
servers = ["search1.internal:9200", { address = "unix:/run/s.sock", weight = 2 }, { app = "fallback", backup = true }]

[site.search]
listen     = 80
routes."/" = { upstream = "search", response_timeout = "20s", request_headers = { Host = "search.internal" } }
routes."/x" = { upstream = ["10.0.0.1:80", "[::1]:81"] }
`)
	literal := spec.DottedKey("site", "search", "routes", "/x")
	wantJSON(t, s.Upstreams, []*spec.Upstream{
		{Name: "search", Balance: defaultBalance(), Servers: []spec.Server{
			{Address: "search1.internal:9200", Weight: 1}, {Address: "unix:/run/s.sock", Weight: 2}, {App: "fallback", Weight: 1, Backup: true},
		}},
		{Name: literal, Balance: defaultBalance(), Servers: []spec.Server{{Address: "10.0.0.1:80", Weight: 1}, {Address: "[::1]:81", Weight: 1}}},
	})
	if got := s.Sites[0].Routes[0]; got.Upstream != "search" || got.ResponseTimeout != 20*time.Second || got.RequestHeaders[0].Value != "search.internal" {
		t.Errorf("got route %+v", got)
	}
	if got := s.Sites[0].Routes[1].Upstream; got != literal {
		t.Errorf("got upstream %q, want %q", got, literal)
	}
}

func TestWhatIsTaken(t *testing.T) {
	const app = "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\n"
	for _, c := range []struct{ name, text string }{
		{"a key that is not in this version, off", app + "ports = 1\nslow_start = 0\nhealth = \"\"\nsticky_cookie = \"off\"\nhold = \"0s\""},
		{"a bound, a queue and a way to balance", app + "ports = 1\nbalance = \"least-in-flight\"\nmax_in_flight = 1\nqueue = 100\nqueue_timeout = \"2s\"\nkeepalive_requests = 0"},
		{"a queue that is off", app + "ports = 1\nqueue = 0\nqueue_timeout = \"2s\""},
		{"no access log at all", "[proxy]\naccess_log = \"off\"\nloops = 0\n[site.s]\nlisten = 80\naccess_log = \"off\"\nroutes.\"/\" = { respond = 200, access_log = true }"},
		{"the PROXY protocol on a shared listener, in any order", "[site.s]\nlisten = 80\nhosts = \"x.com\"\nproxy_protocol = [\"10.0.0.1\", \"10.1.0.0/16\"]\nroutes.\"/\" = { respond = 200 }\n[site.t]\nlisten = 80\nproxy_protocol = [\"10.1.0.0/16\", \"10.0.0.1/32\"]\nroutes.\"/\" = { respond = 404 }"},
		{"an internal folder and a fallback to an app", app + "ports = 1\n[site.s]\nlisten = 80\nroutes.\"/p/\" = { files = \"/srv/p/\", internal = true, precompressed = true }\nroutes.\"/s\" = { files = \"/srv/s\", fallback = \"/index\" }\nroutes.\"/\" = { app = \"a\", request_buffer = true }"},
		{"an inline table over several lines", app + "ports = 1\nenv = {\n A = \"1\",\n B = \"2\", # both\n}"},
		{"an array of server tables", "[[upstream.u.servers]]\naddress = \"h:1\"\n[[upstream.u.servers]]\naddress = \"h:2\"\nweight = 3"},
		{"two apps with one port on different addresses", app + "ports = 1\naddress = \"127.0.0.2:{port}\"\n[app.b]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = 1"},
		{"every IPv4 and every IPv6 address of a port", "[site.s]\nlisten = [80, \"[::]:80\"]\nroutes.\"/\" = { respond = 204 }"},
		{"two sites of one listener, one for every other host", "[site.s]\nlisten = 80\nhosts = \"x.com\"\nroutes.\"/\" = { respond = 200 }\n[site.t]\nlisten = 80\nroutes.\"/\" = { respond = 404 }"},
		{"/api and /api/ side by side", "[site.s]\nlisten = 80\nroutes.\"/api\" = { respond = 200 }\nroutes.\"/api/\" = { respond = 404 }"},
		{"a header for each route", "[site.s]\nlisten = 80\n[site.s.routes.\"/\"]\nrespond = 200\n[site.s.routes.\"/x\"]\nrespond = 404"},
		{"a folder without its slash", "[site.s]\nlisten = 80\nroutes.\"/static/\" = { files = \"/srv/static\" }"},
		{"a byte order mark and line endings of Windows", "\ufeff[site.s]\r\nlisten = 80\r\nroutes.\"/\" = { respond = 200 }\r\n"},
		{"secrets with the names of keys", app + "ports = 1\ncredentials = { tls = \"/etc/x\", user = \"/etc/y\" }"},
		{"a signal with SIG", app + "ports = 1\nstop_signal = \"SIGQUIT\"\nsuccess_exit = [143, \"SIGTERM\"]"},
		{"expires of a site for its files", "[site.s]\nlisten = 80\nexpires = \"1h\"\nroutes.\"/\" = { respond = 200 }\nroutes.\"/s/\" = { files = \"/srv/s/\", expires = \"off\" }"},
	} {
		t.Run(c.name, func(t *testing.T) { parse(t, c.text) })
	}
}
