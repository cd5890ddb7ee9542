package install

import (
	"os"
	"path/filepath"
	"strings"
)

// InstalledProgram is the webstack that the gates of the units run as root:
// the one that its own service runs, wherever it was installed below. It is
// never the path of whoever runs apply: that may be somebody's own copy.
// Without a service it is Paths.Program.
func (p Paths) InstalledProgram() string {
	for _, dir := range p.UnitPath {
		text, err := os.ReadFile(filepath.Join(dir, proxyUnit))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			command, found := strings.CutPrefix(line, "ExecStart=")
			program, _, _ := strings.Cut(command, " ")
			// An operator's own unit may start it through something else.
			if found && filepath.IsAbs(program) && filepath.Base(program) == "webstack" {
				return program
			}
		}
	}
	return p.Program
}
