package loop

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// owner notes when it is called.
type owner struct {
	timer  Timer
	want   Instant // Never while it is clear
	fired  int
	expire func(*owner)
}

func (o *owner) Expire() {
	o.fired++
	if o.expire != nil {
		o.expire(o)
	}
}

func newOwner() *owner {
	o := &owner{want: Never}
	o.timer.Owner = o
	return o
}

func TestDeadlinesAgreeWithASortedList(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		var d Deadlines
		var owners []*owner
		now := Instant(0)
		for range 200 {
			owners = append(owners, newOwner())
		}
		for range 2000 {
			o := owners[random.IntN(len(owners))]
			switch random.IntN(8) {
			case 0:
				d.Clear(&o.timer)
				o.want = Never
			case 1:
				now += Instant(random.IntN(300))
				fire(t, seed, &d, owners, now)
			default:
				o.want = now + Instant(random.IntN(1000)-100)
				d.Set(&o.timer, o.want)
			}
			if got := o.timer.At(); got != o.want || o.timer.IsSet() != (o.want != Never) {
				t.Fatalf("seed %d: a timer is for %d, want %d", seed, got, o.want)
			}
			checkHeap(t, seed, &d)
		}
		fire(t, seed, &d, owners, Never-1)
		if d.Len() != 0 || d.Next() != Never {
			t.Fatalf("seed %d: %d timers are left, the next at %d", seed, d.Len(), d.Next())
		}
	}
}

// fire compares what fires with what is due.
func fire(t *testing.T, seed uint64, d *Deadlines, owners []*owner, now Instant) {
	t.Helper()
	var last Instant
	for _, o := range owners {
		o.fired = 0
		o.expire = func(o *owner) {
			if o.want < last {
				t.Errorf("seed %d: a deadline at %d came behind one at %d", seed, o.want, last)
			}
			last = o.want
		}
		last = min(last, o.want)
	}
	d.Fire(now)
	earliest := Never
	for _, o := range owners {
		want := 0
		if o.want <= now {
			want, o.want = 1, Never
		}
		if o.fired != want {
			t.Fatalf("seed %d: a timer fired %d times at %d, want %d", seed, o.fired, now, want)
		}
		earliest = min(earliest, o.want)
	}
	if got := d.Next(); got != earliest {
		t.Fatalf("seed %d: the next deadline is at %d, want %d", seed, got, earliest)
	}
}

func checkHeap(t *testing.T, seed uint64, d *Deadlines) {
	t.Helper()
	for i, e := range d.heap {
		if int(e.timer.place) != i+1 {
			t.Fatalf("seed %d: the timer at %d believes to be at %d", seed, i, e.timer.place-1)
		}
		if e.key > e.timer.at {
			t.Fatalf("seed %d: the entry at %d is for %d, later than its timer's %d", seed, i, e.key, e.timer.at)
		}
		if parent := (i - 1) / fanout; i > 0 && d.heap[parent].key > e.key {
			t.Fatalf("seed %d: the entry at %d is earlier than its parent", seed, i)
		}
	}
}

func TestATimerThatSetsItselfDoesNotHoldUpTheTurn(t *testing.T) {
	var d Deadlines
	eager, other := newOwner(), newOwner()
	eager.expire = func(o *owner) { d.Set(&o.timer, 0) }
	d.Set(&eager.timer, 0)
	d.Set(&other.timer, 5)
	d.Fire(10)
	if eager.fired != 2 || other.fired != 0 {
		t.Errorf("fired %d and %d times, want 2 (as many as there were timers) and 0", eager.fired, other.fired)
	}
	if got := d.Next(); got != 0 {
		t.Errorf("the next is at %d, want 0: at once", got)
	}
}

func TestAnOwnerMayClearOthersWhenItExpires(t *testing.T) {
	var d Deadlines
	first, second, third := newOwner(), newOwner(), newOwner()
	first.expire = func(*owner) { d.Clear(&second.timer); d.Set(&third.timer, 100) }
	d.Set(&first.timer, 1)
	d.Set(&second.timer, 2)
	d.Set(&third.timer, 3)
	d.Fire(10)
	if got := []int{first.fired, second.fired, third.fired}; !slices.Equal(got, []int{1, 0, 0}) {
		t.Errorf("fired %v times, want [1 0 0]", got)
	}
	if got := d.Next(); got != 100 {
		t.Errorf("the next is at %d, want 100", got)
	}
	d.Set(&third.timer, Never)
	if d.Len() != 0 {
		t.Error("Never does not clear")
	}
}

func TestDeadlinesAllocateNothingOnceGrownAndGiveMemoryBack(t *testing.T) {
	var d Deadlines
	owners := make([]*owner, 20*smallHeap)
	for i := range owners {
		owners[i] = newOwner()
		d.Set(&owners[i].timer, Instant(i))
	}
	peak := cap(d.heap)
	allocs := testing.AllocsPerRun(100, func() {
		d.Set(&owners[7].timer, 3)
		d.Set(&owners[7].timer, 1<<40)
		d.Clear(&owners[9].timer)
		d.Set(&owners[9].timer, 50)
		d.Next()
		d.Fire(-1)
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
	for _, o := range owners[10:] {
		d.Clear(&o.timer)
	}
	checkHeap(t, 0, &d)
	if got := cap(d.heap); got > smallHeap || got >= peak {
		t.Errorf("room for %d timers is held for %d, want at most %d", got, d.Len(), smallHeap)
	}
}

// BenchmarkDeadlinesOfAnExchange moves one of many deadlines as an exchange
// does: an earlier one for the head, then later ones.
func BenchmarkDeadlinesOfAnExchange(b *testing.B) {
	const connections, idle, head, response = 10_000, 75e9, 10e9, 60e9
	var d Deadlines
	owners := make([]owner, connections)
	now := Instant(0)
	for i := range owners {
		owners[i].timer.Owner = &owners[i]
		d.Set(&owners[i].timer, now+idle)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		t := &owners[i%connections].timer
		i++
		now += 10_000
		d.Set(t, now+head)
		d.Set(t, now+response)
		d.Set(t, now+idle)
		d.Fire(now)
		d.Next()
	}
}

// BenchmarkDeadlinesSetAndClear is what a connection costs.
func BenchmarkDeadlinesSetAndClear(b *testing.B) {
	var d Deadlines
	owners := make([]owner, 10_000)
	for i := range owners {
		owners[i].timer.Owner = &owners[i]
		d.Set(&owners[i].timer, Instant(i))
	}
	o := newOwner()
	b.ReportAllocs()
	for b.Loop() {
		d.Set(&o.timer, 5000)
		d.Clear(&o.timer)
	}
}
