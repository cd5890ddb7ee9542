package load

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/webstack/webstack/install/importer/nginx"
)

// tree writes files below a folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestIncludesAreReadInTheOrderOfTheirNames(t *testing.T) {
	root := tree(t, map[string]string{
		"etc/nginx/nginx.conf":     "http { include conf.d/*.conf; include /etc/nginx/last; include none/*; }",
		"etc/nginx/conf.d/b.conf":  "b;",
		"etc/nginx/conf.d/a.conf":  "a;",
		"etc/nginx/conf.d/c.other": "c;",
		"etc/nginx/last":           "z;",
	})
	got, err := (&Files{Root: root}).Nginx("/etc/nginx/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	nginx.All(got.Directives, func(d *nginx.Directive) {
		if d.Name != "include" && d.Name != "http" {
			places = append(places, d.File+" "+d.Name)
		}
	})
	want := "/etc/nginx/conf.d/a.conf a, /etc/nginx/conf.d/b.conf b, /etc/nginx/last z"
	if s := strings.Join(places, ", "); s != want || len(got.Problems) > 0 {
		t.Errorf("got %s and problems %v, want %s", s, got.Problems, want)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	root := tree(t, map[string]string{"nginx.conf": "include gone.conf; include folder; include pipe;", "folder/x": ""})
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := (&Files{Root: root}).Nginx("/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"no such file", "not a regular file", "not a regular file"} {
		if i >= len(got.Problems) || !strings.Contains(got.Problems[i].Message, want) {
			t.Errorf("got problems %v, want the %d. to say %q", got.Problems, i+1, want)
		}
	}
	if _, err := (&Files{Root: root}).Supervisor("/none.conf"); err == nil || !strings.Contains(err.Error(), "cannot read /none.conf: no such file") {
		t.Errorf("got %v, want the file that is not there", err)
	}
}

func TestSupervisorsIncludesAreBesideIt(t *testing.T) {
	root := tree(t, map[string]string{
		"etc/supervisor/supervisord.conf": "[include]\nfiles = %(here)s/conf.d/*.ini more/*.conf",
		"etc/supervisor/conf.d/a.ini":     "[program:a]\ncommand=x",
		"etc/supervisor/more/b.conf":      "[program:b]\ncommand=y",
	})
	got, err := (&Files{Root: root}).Supervisor("/etc/supervisor/supervisord.conf")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sections) != 3 || got.Sections[1].Name != "program:a" || got.Sections[2].File != "/etc/supervisor/more/b.conf" {
		t.Errorf("got %+v, want the sections of three files", got.Sections)
	}
}

func TestATooLargeFileIsRefused(t *testing.T) {
	root := tree(t, map[string]string{"big": strings.Repeat("x", maxFileBytes+1)})
	if _, err := (&Files{Root: root}).Text("/big"); err == nil || !strings.Contains(err.Error(), "is it the right file?") {
		t.Errorf("got %v, want a bound", err)
	}
}
