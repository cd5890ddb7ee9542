package balance

import "sync/atomic"

// maxSlots bounds a rotation's length, and so its memory and the time to
// build it. Weights whose sum (by their greatest common divisor) is more are
// scaled down, none below 1.
const maxSlots = 1 << 14

// rotation hands out instances by smooth weighted round robin.
//
// The sequence that nginx computes pick by pick from running weights repeats
// after sum(weights) picks, so it is computed once; the cursor is then all
// that concurrent picks share. A slot whose instance may not be used is
// passed over by whoever drew it, so its turn is lost to it and not doubled
// on its neighbour.
type rotation struct {
	slots  []*Instance
	cursor *atomic.Uint64
}

// next draws slots until one is usable, at most one round of them.
func (r rotation) next(usable func(*Instance) bool) *Instance {
	for range r.slots {
		in := r.slots[(r.cursor.Add(1)-1)%uint64(len(r.slots))]
		if usable(in) {
			return in
		}
	}
	return nil
}

// sweep is next's second chance: another pick may have drawn the very slots
// that this one needed, so that a round of the shared cursor can miss a
// usable instance. It walks its own round and leaves the cursor alone.
func (r rotation) sweep(usable func(*Instance) bool) *Instance {
	start := r.cursor.Load()
	for i := range uint64(len(r.slots)) {
		in := r.slots[(start+i)%uint64(len(r.slots))]
		if usable(in) {
			return in
		}
	}
	return nil
}

// sequence lays instances out by smooth weighted round robin: in each step
// everybody gains its weight, the highest is chosen (the first of equals) and
// pays the sum.
func sequence(instances []*Instance, weights []int) []*Instance {
	weights = reduced(weights)
	total := 0
	for _, w := range weights {
		total += w
	}
	current := make([]int, len(weights))
	slots := make([]*Instance, 0, total)
	for range total {
		best := 0
		for i, w := range weights {
			current[i] += w
			if current[i] > current[best] {
				best = i
			}
		}
		current[best] -= total
		slots = append(slots, instances[best])
	}
	return slots
}

// reduced divides weights by what they have in common and, when a rotation
// would still be longer than maxSlots, by what makes it fit.
func reduced(weights []int) []int {
	common, total := 0, 0
	for _, w := range weights {
		common = gcd(max(w, 1), common)
	}
	out := make([]int, len(weights))
	for i, w := range weights {
		out[i] = max(w, 1) / common
		total += out[i]
	}
	if total <= maxSlots {
		return out
	}
	for i, w := range out {
		out[i] = max(1, int(int64(w)*maxSlots/int64(total)))
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
