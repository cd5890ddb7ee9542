package rollout

// Traffic is what instances were asked within some time, and how much of it
// they answered with a status of 500 or above.
type Traffic struct {
	Requests uint64
	Errors   uint64
}

// Add sums two.
func (t Traffic) Add(o Traffic) Traffic {
	return Traffic{t.Requests + o.Requests, t.Errors + o.Errors}
}

// Since is what came after an earlier count. A count that has gone back was
// begun anew, by a proxy that was restarted: then all of it did.
func (t Traffic) Since(earlier Traffic) Traffic {
	if t.Requests < earlier.Requests || t.Errors < earlier.Errors {
		return t
	}
	return Traffic{t.Requests - earlier.Requests, t.Errors - earlier.Errors}
}

const (
	// leastErrors is how many errors are no accident.
	leastErrors = 3
	// tolerance is how much larger the canaries' share of errors may be besides
	// being twice the others': a new process has cold caches, and few requests
	// make a coarse share.
	tolerance = 0.05
	// enough is how many requests the others need before their share counts
	// for anything.
	enough = 20
)

// Worse says whether canaries answer with so many more errors than the others
// do that it is the release's doing. Where the others were hardly asked, or
// there are none, before counts in their place: what the app answered until
// the roll began.
func Worse(canaries, others, before Traffic) bool {
	if others.Requests < enough {
		others = before
	}
	return canaries.Errors >= leastErrors && canaries.share() > 2*others.share()+tolerance
}

// share is how much of it was errors.
func (t Traffic) share() float64 {
	if t.Requests == 0 {
		return 0
	}
	return float64(t.Errors) / float64(t.Requests)
}
