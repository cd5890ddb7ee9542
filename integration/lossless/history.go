package lossless

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// What happened to a unit.
type What int

const (
	// Stopping: systemd has begun to stop it, its drain is first.
	Stopping What = iota
	// Drained: the proxy gives it nothing new.
	Drained
	// Killed: its process is gone by itself, by a signal or an exit.
	Killed
	// Started: it is active.
	Started
	// Hung: its process was stopped (SIGSTOP) by the test.
	Hung
)

// Event is one of a history.
type Event struct {
	At   time.Time
	Unit string
	What What
}

// History is what happened, in order.
type History []Event

// messages are systemd's of these events, by their ids: sd-messages.h, and
// `journalctl --catalog`.
var messages = map[string]What{
	"de5b426a63be47a7b6ac3eaac82e2f6f": Stopping,
	"98e322203f7a4ed290d09fe03c09fe15": Killed,
	"39f53479d3a045ac8e11786248231fbf": Started,
}

// JournalCommand is what prints the history of a machine since then, for
// [ParseJournal].
func JournalCommand(since time.Time) []string {
	argv := []string{"journalctl", "--output=json", "--quiet", fmt.Sprintf("--since=@%d", since.Unix())}
	for id := range messages {
		// Matches of the same field are alternatives: journalctl(1).
		argv = append(argv, "MESSAGE_ID="+id)
	}
	return argv
}

// mainCommand is what an exit of the main process is said of.
const mainCommand = "ExecStart"

// entry is what is read of a journal's line.
type entry struct {
	ID       string `json:"MESSAGE_ID"`
	Unit     string `json:"UNIT"`
	Command  string `json:"COMMAND"`
	Sent     string `json:"_SOURCE_REALTIME_TIMESTAMP"`
	Received string `json:"__REALTIME_TIMESTAMP"`
}

// ParseJournal reads the lines that JournalCommand prints.
func ParseJournal(lines []byte) (History, error) {
	var h History
	for line := range bytes.Lines(lines) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("cannot read the journal's line %q: %w", line, err)
		}
		what, known := messages[e.ID]
		if !known {
			return nil, fmt.Errorf("the journal has a message %q that was not asked for", e.ID)
		}
		if what == Killed && e.Command != mainCommand {
			continue // a gate, or what else runs beside
		}
		micros, err := strconv.ParseInt(cmp.Or(e.Sent, e.Received), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("cannot read the time of the journal's line %q: %w", line, err)
		}
		h = append(h, Event{At: time.UnixMicro(micros), Unit: e.Unit, What: what})
	}
	return h, nil
}

// Sorted is a history with more events, in the order of time.
func (h History) Sorted(more []Event) History {
	h = append(slices.Clone(h), more...)
	slices.SortStableFunc(h, func(a, b Event) int { return a.At.Compare(b.At) })
	return h
}

// Starts is how often each unit became active since then.
func (h History) Starts(since time.Time) map[string]int {
	starts := map[string]int{}
	for _, e := range h {
		if e.What == Started && e.At.After(since) {
			starts[e.Unit]++
		}
	}
	return starts
}
