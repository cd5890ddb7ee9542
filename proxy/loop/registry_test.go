package loop

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

func TestASlotIsSmall(t *testing.T) {
	if got := unsafe.Sizeof(slot{}); got != 24 {
		t.Errorf("a slot has %d octets, want 24", got)
	}
}

func TestTheRegistryFindsWhatIsRegistered(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var r registry
	held := map[Token]int{}
	var tokens, ended []Token
	for step := range 20_000 {
		// Phases of growing and of shrinking, to cross pages both ways.
		if grow := step/2500%2 == 0; len(tokens) == 0 || random.IntN(10) < 3 || grow && random.IntN(10) < 8 {
			token := r.add(numbered(step))
			if token == 0 {
				t.Fatal("a registration got the zero token")
			}
			if _, twice := held[token]; twice || slices.Contains(ended[max(0, len(ended)-100):], token) {
				t.Fatalf("token %x was given twice", token)
			}
			held[token] = step
			tokens = append(tokens, token)
			continue
		}
		i := random.IntN(len(tokens))
		token := tokens[i]
		if got := r.find(token); got != numbered(held[token]) {
			t.Fatalf("token %x finds %v, want %d", token, got, held[token])
		}
		r.remove(token)
		delete(held, token)
		ended = append(ended, token)
		tokens = slices.Delete(tokens, i, i+1)
	}
	for _, token := range ended {
		if got := r.find(token); got != nil {
			t.Fatalf("ended token %x finds %v", token, got)
		}
		r.remove(token)
	}
	for token, want := range held {
		if got := r.find(token); got != numbered(want) {
			t.Errorf("token %x finds %v, want %d", token, got, want)
		}
	}
}

type numbered int

func (numbered) Ready(Events) {}

func TestTheRegistryGivesMemoryBack(t *testing.T) {
	var r registry
	var tokens []Token
	for range 10 * pageSlots {
		tokens = append(tokens, r.add(numbered(0)))
	}
	if got := len(r.pages); got != 10 {
		t.Fatalf("%d pages at the peak, want 10", got)
	}
	for _, token := range tokens[pageSlots/2:] {
		r.remove(token)
	}
	if got := len(r.pages); got != 2 {
		t.Errorf("%d pages behind it, want 2: one in use, one in reserve", got)
	}
	allocs := testing.AllocsPerRun(10, func() {
		var at [pageSlots]Token
		for i := range at {
			at[i] = r.add(numbered(0))
		}
		for _, token := range at {
			r.remove(token)
		}
	})
	if allocs != 0 {
		t.Errorf("coming and going at the edge of a page costs %v allocations, want none", allocs)
	}
}

func BenchmarkRegistry(b *testing.B) {
	var r registry
	for range 10_000 {
		r.add(numbered(0))
	}
	b.ReportAllocs()
	for b.Loop() {
		t := r.add(numbered(0))
		if r.find(t) == nil {
			b.Fatal("not found")
		}
		r.remove(t)
	}
}
