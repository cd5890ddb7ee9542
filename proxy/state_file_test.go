package proxy

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestTheStateFileIsWrittenAgainByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later", "state.json")
	f := newStateFile(path, slog.New(slog.DiscardHandler))
	f.keep([]byte("one"))
	if f.owed == nil {
		t.Fatal("nothing is owed though nothing could be written")
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { defer close(over); f.run(ctx) }()
	end()
	<-over
	if text, err := os.ReadFile(path); err != nil || string(text) != "one" || f.owed != nil {
		t.Errorf("the file has %q (%v), want what was owed", text, err)
	}
}
