package nethttp

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/snapshot"
)

func TestCeilingOf(t *testing.T) {
	for files, want := range map[int]int{
		524288: 262080,
		1024:   448,
		512:    192,
		64:     24,
		1:      1,
	} {
		if got := ceilingOf(files); got != want {
			t.Errorf("%d descriptors: got %d clients, want %d", files, got, want)
		}
	}
}

func TestDescriptorsLimitTheConfiguredLimit(t *testing.T) {
	var text bytes.Buffer
	s := New(&snapshot.Snapshot{}, slog.New(slog.NewTextHandler(&text, nil)))
	defer s.Stop(0, 0)
	for _, tt := range []struct{ configured, want int }{
		{0, s.ceiling},
		{s.ceiling - 1, s.ceiling - 1},
		{s.ceiling + 1, s.ceiling},
	} {
		text.Reset()
		s.Swap(&snapshot.Snapshot{Limits: snapshot.Limits{MaxConnections: tt.configured}})
		if got := s.limit(); got != tt.want {
			t.Errorf("max_connections %d: got %d, want %d", tt.configured, got, tt.want)
		}
		warned := strings.Contains(text.String(), "LimitNOFILE")
		if want := tt.configured > s.ceiling; warned != want {
			t.Errorf("max_connections %d: warned %v, want %v", tt.configured, warned, want)
		}
	}
}
