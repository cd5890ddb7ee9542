package install

import (
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/readiness"
)

// recordedHash is what the gate of an instance noted of the process, "" where
// it noted nothing. The unit is the one whose control group the process is in.
func recordedHash(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		group := path.Base(strings.TrimSuffix(line, "\n"))
		id, ok := strings.CutSuffix(strings.TrimPrefix(group, "_"), ".service")
		if !ok {
			continue
		}
		if hash := readiness.RecordedHash(units.RunFolder, id, pid); hash != "" {
			return hash
		}
	}
	return ""
}
