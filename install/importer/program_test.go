package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/install/importer/supervisor"
	"github.com/webstack/webstack/install/spec"
)

// appsOf writes the apps of a result in lines: name, command, instances, and
// what else is asked for.
func appsOf(t *testing.T, got *importer.Result, more func(*spec.App) string) string {
	t.Helper()
	s, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(got.TOML)}})
	if len(found) > 0 {
		t.Fatalf("install/spec refuses it: %v\n%s", found, got.TOML)
	}
	var lines []string
	for _, a := range s.Apps {
		line := fmt.Sprintf("%s: %s", a.Name, strings.Join(a.Command, " "))
		if a.Ports != nil {
			line += fmt.Sprintf(" %v", a.Ports)
		} else {
			line += fmt.Sprintf(" x%d", a.Count)
		}
		if more != nil {
			line += " " + more(a)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func sources(front, daemon string) importer.Sources {
	s := importer.Sources{}
	if front != "" {
		s.Nginx = nginx.Read(nginx.Text{Name: "nginx.conf", Data: front}, nil)
	}
	if daemon != "" {
		s.Supervisor = supervisor.Read(supervisor.Text{Name: "supervisord.conf", Data: daemon}, nil)
	}
	return s
}

func TestProgramsBecomeApps(t *testing.T) {
	for name, c := range map[string]struct{ front, daemon, want string }{
		"one program on a port that it names itself": {
			"", "[program:web]\ncommand=/srv/web --port=8000\nuser=web",
			"web: /srv/web --port={port} [8000]",
		},
		"one that names none is a worker": {
			"", "[program:work]\ncommand=/srv/work -c 4\nuser=web",
			"work: /srv/work -c 4 x1",
		},
		"a number that nginx proxies to is the port": {
			"http { upstream u { server 127.0.0.1:7001; server localhost:7002; } server { listen 80; location / { proxy_pass http://u; } } }",
			"[program:a]\ncommand=/srv/x 7001\nuser=u\n[program:b]\ncommand=/srv/x 7002\nuser=u",
			"a: /srv/x {port} [7001 7002]",
		},
		"several processes with a port each": {
			"", "[program:web]\ncommand=/srv/web --port=80%(process_num)02d\nnumprocs=3\nnumprocs_start=20\nprocess_name=%(program_name)s_%(process_num)d\nuser=u",
			"web: /srv/web --port={port} [8020 8021 8022]",
		},
		"several workers": {
			"", "[program:work]\ncommand=/srv/work\nnumprocs=4\nprocess_name=w%(process_num)d\nuser=u",
			"work: /srv/work x4",
		},
		"workers that are told apart stay apart": {
			"", "[program:work]\ncommand=/srv/work -n w%(process_num)d\nnumprocs=2\nprocess_name=w%(process_num)d\nuser=u",
			"work: /srv/work -n w0 x1\nwork-2: /srv/work -n w1 x1",
		},
		"programs that differ in more than the port are two apps": {
			"", "[program:a]\ncommand=/srv/x --port=8001\nuser=u\n[program:b]\ncommand=/srv/x --port=8002 --debug\nuser=u",
			"a: /srv/x --port={port} [8001]\nb: /srv/x --port={port} --debug [8002]",
		},
		"a port in the environment": {
			"", "[program:web]\ncommand=/srv/web\nenvironment=PORT=\"8000\",MODE=\"a {b}\"\nuser=u",
			"web: /srv/web [8000]",
		},
		"a group names what is several": {
			"", "[group:shop]\nprograms=p1,p2\n[program:p1]\ncommand=/srv/x -p 8001\nuser=u\n[program:p2]\ncommand=/srv/x -p 8002\nuser=u",
			"shop: /srv/x -p {port} [8001 8002]",
		},
		"braces and quotes are the program's own": {
			"", "[program:x]\ncommand=/srv/x \"a b\" '{port}' c\\ d\nuser=u",
			"x: /srv/x a b {{port} c d x1",
		},
	} {
		got := importer.Convert(sources(c.front, c.daemon), importer.Options{})
		if apps := appsOf(t, got, nil); apps != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s\n%s", name, apps, c.want, got.TOML)
		}
	}
}

func TestKeysOfAProgram(t *testing.T) {
	const text = `[supervisord]
environment=ALL="1",HOME="%(ENV_HOME)s"

[program:web]
command = gunicorn shop:app -b 127.0.0.1:8000 ; the front
directory=%(here)s/shop
user=shop
umask=22
environment=DEBUG="no",ALL="2"
autostart=false
autorestart=unexpected
exitcodes=0,2
stopsignal=INT
stopwaitsecs=60
stopasgroup=false
startsecs=5
priority=10
stdout_logfile=/dev/stdout
stderr_logfile=AUTO
serverurl=AUTO
colour=blue
`
	got := importer.Convert(sources("", text), importer.Options{
		Env:  map[string]string{"HOME": "/root"},
		Find: func(name string) string { return "/srv/venv/bin/" + name },
	})
	apps := appsOf(t, got, func(a *spec.App) string {
		return fmt.Sprint(a.Directory, " ", a.User, " ", a.Umask, " ", a.Env, " ", a.Start, " ", a.Restart, " ", a.SuccessExit, " ", a.StopSignal, " ", a.StopTimeout, " ", a.StopKill)
	})
	want := "web: /srv/venv/bin/gunicorn shop:app -b 127.0.0.1:{port} [8000] /shop shop 022 [{ALL 2} {HOME /root} {DEBUG no}] manual on-failure [2] INT 1m0s process"
	if apps != strings.Replace(want, "[{ALL 2} {HOME /root} {DEBUG no}]", "[{HOME /root} {DEBUG no} {ALL 2}]", 1) {
		t.Errorf("got\n%s\nwant\n%s", apps, want)
	}
	outcomes := map[string]importer.Outcome{}
	for _, e := range got.Report.Entries {
		outcomes[e.Name] = e.Outcome
	}
	for name, want := range map[string]importer.Outcome{
		"command": importer.Converted, "startsecs": importer.Differs, "priority": importer.Differs, "stdout_logfile": importer.Converted,
		"serverurl": importer.Unsupported, "colour": importer.Unsupported, "stopasgroup": importer.Converted,
	} {
		if outcomes[name] != want {
			t.Errorf("%s: got %q, want %q", name, outcomes[name], want)
		}
	}
}

// TestWhatCannotRunIsAComment: and the sites that lead there refuse.
func TestWhatCannotRunIsAComment(t *testing.T) {
	for name, text := range map[string]string{
		"an expression that nobody knows": "[program:x]\ncommand=/srv/x %(ENV_NOBODY)s\nuser=u",
		"no command":                      "[program:x]\nuser=u",
		"a quote that is never closed":    "[program:x]\ncommand=/srv/x \"\nuser=u",
		"a user that is none":             "[program:x]\ncommand=/srv/x\nuser=a b",
		"a folder of a shell":             "[program:x]\ncommand=/srv/x\nuser=u\ndirectory=~/x",
	} {
		got := importer.Convert(sources("", text), importer.Options{})
		if apps := appsOf(t, got, nil); apps != "" || len(got.Report.Closed) != 1 {
			t.Errorf("%s: got apps %q and closed %v, want none and one", name, apps, got.Report.Closed)
		}
	}
}

func TestAnUpstreamOfInstances(t *testing.T) {
	const daemon = "[program:a]\ncommand=/srv/a -p 8001\nuser=u\n[program:b]\ncommand=/srv/b -p 8002\nuser=u\n[program:b2]\ncommand=/srv/b -p 8003\nuser=u"
	for servers, want := range map[string]string{
		"server 127.0.0.1:8001; least_conn;":                                   `app = "a"`,
		"server 127.0.0.1:8002; server 127.0.0.1:8003;":                        `app = "b"`,
		"server 127.0.0.1:8001; server 127.0.0.1:8002; server 127.0.0.1:8003;": `servers = [{ app = "a" }, { app = "b" }]`,
		"server 127.0.0.1:8002;":                                               `servers = ["127.0.0.1:8002"]`,
		"server 127.0.0.1:8001 weight=2; server 10.0.0.1:1;":                   `servers = [{ address = "127.0.0.1:8001", weight = 2 }, "10.0.0.1:1"]`,
	} {
		got := importer.Convert(sources("http { upstream u { "+servers+" } server { listen 80; location / { proxy_set_header Host $http_host; proxy_pass http://u; } } }", daemon), importer.Options{})
		if !strings.Contains(got.TOML, want) {
			t.Errorf("%s: got\n%s\nwant %s in it", servers, got.TOML, want)
		}
		appsOf(t, got, nil)
	}
}

func TestAProcfile(t *testing.T) {
	const text = "# processes\nweb: bundle exec puma -p $PORT -e production\nworker: bundle exec sidekiq\napi: uvicorn api:app --port ${PORT}\nrelease: cd x && ./migrate\nbroken line\n"
	got := importer.Convert(importer.Sources{Procfile: &importer.Text{Name: "Procfile", Data: text}}, importer.Options{User: "shop", Folder: "/srv/shop", PortBase: 3000})
	apps := appsOf(t, got, func(a *spec.App) string { return a.User + " " + a.Directory })
	want := strings.Join([]string{
		"web: /usr/bin/bundle exec puma -p {port} -e production [3000] shop /srv/shop",
		"worker: /usr/bin/bundle exec sidekiq x1 shop /srv/shop",
		"api: /usr/bin/uvicorn api:app --port {port} [3200] shop /srv/shop",
		"release: /bin/sh -c cd x && ./migrate x1 shop /srv/shop",
	}, "\n")
	if apps != want {
		t.Errorf("got\n%s\nwant\n%s", apps, want)
	}
	if len(got.Report.Problems) != 1 || got.Report.Problems[0].Line != 6 {
		t.Errorf("got problems %v, want one in line 6", got.Report.Problems)
	}
}

func TestPM2(t *testing.T) {
	const text = `{
  "apps": [
    {
      "name": "api",
      "script": "./api.js",
      "args": ["--fast", "a b"],
      "cwd": "/srv/api",
      "instances": 3,
      "exec_mode": "cluster",
      "env": { "PORT": 3000, "NODE_ENV": "production" },
      "max_memory_restart": "300M",
      "kill_timeout": 5000,
      "watch": true
    },
    { "name": "job", "script": "/srv/job.py", "autorestart": false }
  ],
  "deploy": {}
}`
	got := importer.Convert(importer.Sources{PM2: &importer.Text{Name: "ecosystem.json", Data: text}}, importer.Options{User: "u"})
	apps := appsOf(t, got, func(a *spec.App) string {
		return fmt.Sprint(a.Directory, " ", a.Limits.MemoryBytes, " ", a.StopTimeout, " ", a.Restart, " ", a.Env)
	})
	want := "api: /usr/bin/node /srv/api/api.js --fast a b [3000 3001 3002] /srv/api 314572800 5s always [{NODE_ENV production}]\n" +
		"job: /usr/bin/python3 /srv/job.py x1 / 0 30s never []"
	if apps != want {
		t.Errorf("got\n%s\nwant\n%s", apps, want)
	}
	var left []string
	for _, e := range got.Report.Entries {
		if e.Outcome == importer.Unsupported {
			left = append(left, fmt.Sprintf("%s:%d", e.Name, e.Line))
		}
	}
	slices.Sort(left)
	if fmt.Sprint(left) != "[deploy:17 watch:13]" {
		t.Errorf("not supported: got %v, want deploy in line 17 and watch in line 13", left)
	}
}
