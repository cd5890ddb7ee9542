package importer

import (
	"path"
	"strings"
)

// Kind is what wrote a file.
type Kind string

// The kinds that are converted.
const (
	KindNginx      Kind = "nginx.conf"
	KindSupervisor Kind = "supervisord.conf"
	KindProcfile   Kind = "Procfile"
	KindPM2        Kind = "ecosystem file"
)

// KindOf tells by a file's name and its first line that says anything what it
// is; nginx.conf is what is nothing else.
func KindOf(name, text string) Kind {
	base := path.Base(name)
	switch {
	case base == "Procfile" || strings.HasPrefix(base, "Procfile."):
		return KindProcfile
	case strings.HasPrefix(base, "ecosystem.") || strings.HasSuffix(base, ".json"):
		return KindPM2
	case strings.HasPrefix(base, "supervisor"):
		return KindSupervisor
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			return KindSupervisor
		}
		break
	}
	return KindNginx
}
