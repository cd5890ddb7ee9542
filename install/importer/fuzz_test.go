package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/install/importer/supervisor"
	"github.com/webstack/webstack/install/spec"
)

// corpus are the configurations that integration/importer compares.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no corpus: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".conf")] = string(text)
	}
	return all
}

// checkResult holds a result to what every result is: a spec that install/spec
// takes, and a report without a directive that nothing became of.
func checkResult(t *testing.T, got *importer.Result, directives int) {
	t.Helper()
	if _, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(got.TOML)}}); len(found) > 0 {
		t.Errorf("install/spec refuses what was written: %v\n%s", found, got.TOML)
	}
	if len(got.Report.Entries) != directives {
		t.Errorf("%d directives went in and %d are in the report", directives, len(got.Report.Entries))
	}
	for _, e := range got.Report.Entries {
		if e.Outcome == "" {
			t.Errorf("%s:%d: nothing became of %s", e.File, e.Line, e.Text)
		}
		if e.Outcome != importer.Converted && e.Note() == "" {
			t.Errorf("%s:%d: %s is %s without a word", e.File, e.Line, e.Text, e.Outcome)
		}
	}
}

func FuzzNginx(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	f.Add("http { server { listen 80; location / { proxy_pass http://a; } } }")
	f.Add("server { location ~ \\.php$ { deny all; } location @x { } } { ; \"")
	f.Fuzz(func(t *testing.T, text string) {
		config := nginx.Read(nginx.Text{Name: "nginx.conf", Data: text}, nil)
		count := 0
		nginx.All(config.Directives, func(*nginx.Directive) { count++ })
		got := importer.Convert(importer.Sources{Nginx: config}, importer.Options{})
		checkResult(t, got, count)
	})
}

func FuzzSupervisor(f *testing.F) {
	for _, file := range []string{"testdata/seed/conf.d/tornados.conf", "testdata/seed/supervisord.conf"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("[program:x]\ncommand=/bin/x -p 80%(process_num)02d\nnumprocs=3\nprocess_name=x%(process_num)d\nenvironment=A=\"1\",PORT=\"80\"\n")
	f.Add("[program:a b]\ncommand=\"\nuser=%\n[program:]\ncommand=x;y\numask=7\nexitcodes=0,x,300\nstopsignal=NO")
	f.Fuzz(func(t *testing.T, text string) {
		config := supervisor.Read(supervisor.Text{Name: "supervisord.conf", Data: text}, nil)
		count := 0
		for _, s := range config.Sections {
			count += len(s.Keys) + len(s.Replaced)
		}
		got := importer.Convert(importer.Sources{Supervisor: config}, importer.Options{})
		checkResult(t, got, count)
	})
}

func FuzzProcfileAndPM2(f *testing.F) {
	f.Add("web: gunicorn app:app --bind 0.0.0.0:$PORT\nworker: celery -A app worker\n")
	f.Add(`{"apps": [{"name": "api", "script": "./api.js", "instances": "max", "env": {"PORT": 3000}, "max_memory_restart": "300M"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []importer.Sources{
			{Procfile: &importer.Text{Name: "Procfile", Data: text}},
			{PM2: &importer.Text{Name: "ecosystem.json", Data: text}},
		} {
			got := importer.Convert(s, importer.Options{})
			checkResult(t, got, len(got.Report.Entries))
		}
	})
}
