package readiness

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Record says what a process was started from. Its environment says so too,
// unless it writes over it, as a process that changes its title does.
type Record struct {
	PID int `json:"pid"`
	// Started is when the process began, in clock ticks since the boot: with
	// it a pid is never another process.
	Started uint64 `json:"started"`
	// Hash is the template's.
	Hash string `json:"hash"`
}

// WriteRecord notes what an instance's main process was started from, in a
// folder of root's own.
func WriteRecord(folder, id string, pid int, hash string) error {
	started, err := startedAt(pid)
	if err != nil {
		return err
	}
	text, err := json.Marshal(Record{PID: pid, Started: started, Hash: hash})
	if err != nil {
		return err
	}
	if err := rootFolder(folder); err != nil {
		return err
	}
	// A name that nobody has: made with O_EXCL, so no link is followed.
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return fmt.Errorf("cannot record what %s runs: %w", id, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	// For everybody to read, whatever the app's umask is. It is lost with the
	// machine's power, as the process is: nothing is synced.
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), recordPath(folder, id))
	}
	if err != nil {
		return fmt.Errorf("cannot record what %s runs: %w", id, err)
	}
	return nil
}

// RecordedHash is what a process of an instance was started from, "" where
// nothing is recorded of that very process.
func RecordedHash(folder, id string, pid int) string {
	text, err := os.ReadFile(recordPath(folder, id))
	if err != nil {
		return ""
	}
	var r Record
	if json.Unmarshal(text, &r) != nil || r.PID != pid {
		return ""
	}
	if started, err := startedAt(pid); err != nil || started != r.Started {
		return ""
	}
	return r.Hash
}

func recordPath(folder, id string) string { return filepath.Join(folder, id+".json") }

// startedAt reads the 22nd field of /proc/PID/stat (proc(5)); the second may
// hold spaces and brackets, so it counts from the last bracket on.
func startedAt(pid int) (uint64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, fmt.Errorf("cannot tell when process %d began: %w", pid, err)
	}
	_, rest, _ := cutLast(string(text), ')')
	field := strings.Fields(rest)
	if len(field) < 20 {
		return 0, fmt.Errorf("cannot tell when process %d began: its stat is cut short", pid)
	}
	return strconv.ParseUint(field[19], 10, 64)
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
