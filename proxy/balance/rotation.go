package balance

import "sync/atomic"

// maxSlots bounds a rotation's length, and so its memory and the time to
// build it. Weights whose sum (by their greatest common divisor) is more are
// scaled down, none below 1.
const maxSlots = 1 << 14

// seat is an instance in a group, with its share there.
type seat struct {
	*Instance
	weight int64
}

// tier is the instances of a group that stand in for each other: the primaries
// or the backups.
//
// Their turns are a smooth weighted round robin. The sequence that nginx
// computes pick by pick from running weights repeats after sum(weights) picks,
// so it is computed once; the cursor is then all that concurrent picks share.
type tier struct {
	seats []seat
	// slots are one round of turns, as places in seats.
	slots []int32
	turn  *atomic.Uint64
}

// draw takes the next turn and says whose it is.
func (t *tier) draw() int {
	return int(t.slots[(t.turn.Add(1)-1)%uint64(len(t.slots))])
}

// sequence lays seats out by smooth weighted round robin: in each step
// everybody gains its weight, the highest is chosen (the first of equals) and
// pays the sum.
func sequence(seats []seat) []int32 {
	weights := reduced(seats)
	total := 0
	for _, w := range weights {
		total += w
	}
	current := make([]int, len(weights))
	slots := make([]int32, 0, total)
	for range total {
		best := 0
		for i, w := range weights {
			current[i] += w
			if current[i] > current[best] {
				best = i
			}
		}
		current[best] -= total
		slots = append(slots, int32(best))
	}
	return slots
}

// reduced divides weights by what they have in common and, when a rotation
// would still be longer than maxSlots, by what makes it fit.
func reduced(seats []seat) []int {
	common, total := 0, 0
	for _, s := range seats {
		common = gcd(int(s.weight), common)
	}
	out := make([]int, len(seats))
	for i, s := range seats {
		out[i] = int(s.weight) / common
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
