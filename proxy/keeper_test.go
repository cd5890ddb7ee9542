package proxy

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestAKeeperTriesAgainByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later", "state.json")
	k := newKeeper(path, slog.New(slog.DiscardHandler))
	k.keep([]byte("one"))
	if k.owed == nil {
		t.Fatal("nothing is owed though nothing could be written")
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { defer close(over); k.run(ctx) }()
	end()
	<-over
	if text, err := os.ReadFile(path); err != nil || string(text) != "one" || k.owed != nil {
		t.Errorf("the file has %q (%v), want what was owed", text, err)
	}
}
