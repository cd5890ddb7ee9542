package machine

import (
	"encoding/json"
	"fmt"
	"os"
)

// The supervisor and the stage are known by the name they are executed with.
const (
	supervisorName = "webstack-machine-supervisor"
	stageName      = "webstack-machine-stage"
)

// noTests follows the name, so that a test binary whose TestMain forgot Main
// runs no test instead of all of them over and over.
const noTests = "-test.run=^$"

// channelFD is where the supervisor finds its end of the channel.
const channelFD = 3

// order is what the caller asks of the supervisor, one JSON value each. The
// first carries Options. The end of the channel is the last order: end all.
type order struct {
	Options *Options `json:",omitempty"`
	// PowerCut kills PID 1 and boots again.
	PowerCut bool `json:",omitempty"`
	// Reboot asks PID 1 for an orderly reboot.
	Reboot bool `json:",omitempty"`
}

// report is what the supervisor tells the caller; one field is set.
type report struct {
	// Booted is a new PID 1, which has become systemd.
	Booted *booted `json:",omitempty"`
	// Console is one line that PID 1 wrote to its console.
	Console string `json:",omitempty"`
	// Ended says why there is no PID 1 any more and will be none.
	Ended string `json:",omitempty"`
}

// booted is one life of the machine, from PID 1's start to its end.
type booted struct {
	PID    int    // as the host counts
	Cgroup string // the machine's cgroup directory on the host
}

// stageOrder is what the supervisor hands the stage, as its last argument.
type stageOrder struct {
	Options Options
	Root    string // directory that becomes /
	Console string // terminal that becomes /dev/console
	Systemd string // path of systemd below Root
}

// Main runs the supervisor or the stage where this process was started as
// one, and does not return then; elsewhere it does nothing. Call it first in
// TestMain or main.
func Main() {
	if len(os.Args) == 0 {
		return
	}
	switch os.Args[0] {
	case supervisorName:
		os.Exit(supervise())
	case stageName:
		os.Exit(stage(os.Args[len(os.Args)-1]))
	}
}

func decodeStageOrder(text string) (stageOrder, error) {
	var o stageOrder
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return o, fmt.Errorf("cannot read the stage's order: %w", err)
	}
	return o, nil
}
