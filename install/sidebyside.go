package install

import "errors"

// atOnce is how many instances are started or stopped side by side. Each waits
// for replies of its own, of which a bus allows 128 to a connection
// (max_replies_per_connection, dbus-daemon(1)), and a machine that starts two
// hundred interpreters in one moment answers nobody.
const atOnce = 16

// sideBySide carries out steps, a few at a time, and reports each. All that
// began are waited for, so that the report is whole when one fails; none
// begins after that.
func sideBySide(h *Host, steps []Step, report func(Event), do func(Step) error) error {
	done := make(chan Event)
	var errs []error
	failed := false
	for next, running := 0, 0; ; {
		for next < len(steps) && running < atOnce && !failed {
			s := steps[next]
			next, running = next+1, running+1
			go func() {
				began := h.Now()
				err := do(s)
				done <- Event{Step: s, Took: h.Now().Sub(began), Err: err}
			}()
		}
		if running == 0 {
			return errors.Join(errs...)
		}
		e := <-done
		running--
		report(e)
		errs = append(errs, e.Err)
		failed = failed || e.Err != nil
	}
}
