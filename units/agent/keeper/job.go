package keeper

import "time"

const (
	// firstDelay is how long nothing is asked for an instance after a job that
	// failed, for instance because polkit has not read a new rule yet; it
	// doubles up to longestDelay, so that what is never allowed costs nothing.
	firstDelay   = time.Second
	longestDelay = 10 * time.Minute
	// settling is how long after a start nothing is asked for an instance: its
	// new state comes another way than the end of the job, and may be later.
	settling = time.Second
)

// ask gives an instance its job.
func (i *instance) ask(v Verb, why string) Action {
	i.job, i.why = v, why
	return Action{Job: &Job{Verb: v, ID: i.id, Why: why}}
}

// free says that a job may be asked for, and wakes the keeper when it may not
// yet.
func (i *instance) free(now time.Time, next *alarm) bool {
	if i.job != "" {
		return false // its end wakes
	}
	return next.due(now, i.notBefore)
}

// Ended ends a job.
func (k *Keeper) Ended(now time.Time, j Job, ok bool) {
	i := k.instances[j.ID]
	if i == nil || i.job != j.Verb {
		return // of an instance that is no longer in the spec
	}
	i.job, i.why = "", ""
	if !ok {
		i.delay = min(max(2*i.delay, firstDelay), longestDelay)
		i.notBefore = now.Add(i.delay)
		return
	}
	i.delay, i.notBefore = 0, time.Time{}
	switch j.Verb {
	case Start:
		i.wanted, i.notBefore = time.Time{}, now.Add(settling)
	case Restart:
		i.failingSince = now // what the check says of the new process counts anew
	case Reset:
		// systemd need not say so.
		i.unit.Restarts = 0
		if u, known := k.units[j.ID]; known {
			u.Restarts = 0
			k.units[j.ID] = u
		}
	}
}
