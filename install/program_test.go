package install

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheGatesRunWhatTheServiceRuns(t *testing.T) {
	for _, c := range []struct{ name, etc, shipped, want string }{
		{"below /usr/local", "", "[Service]\nExecStart=/usr/local/bin/webstack serve\n", "/usr/local/bin/webstack"},
		{"no service", "", "", "/usr/bin/webstack"},
		{"the operator's own service comes first", "ExecStart=/opt/bin/webstack serve\n", "ExecStart=/usr/bin/webstack serve\n", "/opt/bin/webstack"},
		{"it is started through something else", "ExecStart=/usr/bin/strace webstack serve\n", "ExecStart=/usr/local/bin/webstack serve\n", "/usr/local/bin/webstack"},
		{"no path", "", "ExecStart=webstack serve\n", "/usr/bin/webstack"},
	} {
		p := Paths{Program: "/usr/bin/webstack"}
		for _, text := range []string{c.etc, c.shipped} {
			dir := t.TempDir()
			p.UnitPath = append(p.UnitPath, dir)
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, proxyUnit), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.InstalledProgram(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
