package install

import (
	"errors"
	"sync"
)

// atOnce is how many instances are asked for, started or stopped side by side.
// Each waits for replies of its own, of which a bus allows 128 to a connection
// (max_replies_per_connection, dbus-daemon(1)), and a machine that starts two
// hundred interpreters in one moment answers nobody.
const atOnce = 16

// sideBySide calls do with each number below n, a few at a time. All that
// began are waited for, so that the errors are whole when one fails; none
// begins after that.
func sideBySide(n int, do func(i int) error) error {
	ends := make(chan error)
	var errs []error
	failed := false
	for next, running := 0, 0; ; {
		for next < n && running < atOnce && !failed {
			i := next
			next, running = next+1, running+1
			go func() { ends <- do(i) }()
		}
		if running == 0 {
			return errors.Join(errs...)
		}
		err := <-ends
		running--
		errs = append(errs, err)
		failed = failed || err != nil
	}
}

// stepsSideBySide carries out steps, a few at a time, and reports each.
func stepsSideBySide(h *Host, steps []Step, report func(Event), do func(Step) error) error {
	var reporting sync.Mutex // one report at a time
	return sideBySide(len(steps), func(i int) error {
		began := h.Now()
		err := do(steps[i])
		took := h.Now().Sub(began)
		reporting.Lock()
		defer reporting.Unlock()
		report(Event{Step: steps[i], Took: took, Err: err})
		return err
	})
}
