package nethttp

import "testing"

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
