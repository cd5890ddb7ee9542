package proxy

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestALogThatIsStuckDropsAndSaysSo(t *testing.T) {
	var text bytes.Buffer
	d := newDetachedLog(slog.NewTextHandler(&text, nil))
	log := slog.New(d).With("site", "a")
	for range detachedLines + 3 {
		log.Warn("a try failed")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	d.run(ctx)
	if got := strings.Count(text.String(), "a try failed"); got != detachedLines {
		t.Errorf("got %d lines, want %d", got, detachedLines)
	}
	if got := strings.Count(text.String(), "site=a"); got != detachedLines {
		t.Errorf("%d lines have their attribute, want %d", got, detachedLines)
	}
	if !strings.Contains(text.String(), "lines of this log were dropped\" lines=3") {
		t.Errorf("nothing says what was dropped: %.300s", text.String())
	}
}
