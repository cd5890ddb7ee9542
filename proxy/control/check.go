package control

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
)

// What a request may hold. Whoever may use the socket is trusted to run the
// proxy, and not to fill its memory or the log.
const (
	// maxName bounds names: those of units have 255 octets at most
	// (systemd.unit(5)).
	maxName = 255
	// maxReason is how much of a reason is kept, in runes.
	maxReason = 200
	// maxReports is how many instances one request reports on.
	maxReports = 4096
	// maxPage bounds a maintenance page, which is sent in one piece.
	maxPage = 64 << 10
	// maxAllowed bounds the prefixes that each request of a site is compared
	// with.
	maxAllowed = 64
	// maxLease bounds a lease: what is to last longer has none.
	maxLease = 30 * 24 * time.Hour
	// maxRetryAfter is a week: longer is no maintenance.
	maxRetryAfter = 7 * 24 * 60 * 60
)

// document is the body of a request.
type document interface {
	// Check says what is wrong with it in itself, whatever the config has.
	Check() error
}

// Check holds it to the bounds of package control.
func (d DrainRequest) Check() error {
	if err := checkName("instance", d.Instance); err != nil {
		return err
	}
	if d.By != "" {
		if err := checkName("by", d.By); err != nil {
			return err
		}
	}
	return checkLease(d.LeaseMS)
}

// unitStates are what an instance may be reported as.
var unitStates = [...]string{UnitStarting, UnitUp, UnitStopped, UnitDown, UnitUnknown}

// Check holds it to the bounds of package control.
func (r ReportRequest) Check() error {
	if len(r.Reports) > maxReports {
		return fmt.Errorf("it has %d reports, more than %d", len(r.Reports), maxReports)
	}
	for _, one := range r.Reports {
		if err := checkName("instance", one.Instance); err != nil {
			return err
		}
		if !slices.Contains(unitStates[:], one.State) {
			return fmt.Errorf("state %q of instance %q is none of %s", brief(one.State), one.Instance, strings.Join(unitStates[:], ", "))
		}
	}
	return nil
}

// Check holds it to the bounds of package control.
func (p PauseRequest) Check() error {
	if err := checkName("upstream", p.Upstream); err != nil {
		return err
	}
	return checkLease(p.LeaseMS)
}

// Check holds it to the bounds of package control.
func (m MaintenanceRequest) Check() error {
	if err := checkName("site", m.Site); err != nil {
		return err
	}
	switch {
	case len(m.Page) > maxPage:
		return fmt.Errorf("page has %d bytes, more than %d", len(m.Page), maxPage)
	case len(m.Allow) > maxAllowed:
		return fmt.Errorf("allow has %d prefixes, more than %d", len(m.Allow), maxAllowed)
	case m.RetryAfterSeconds < 0 || m.RetryAfterSeconds > maxRetryAfter:
		return fmt.Errorf("retry_after_s is %d, and not between 0 and %d", m.RetryAfterSeconds, maxRetryAfter)
	}
	for _, prefix := range m.Allow {
		if _, err := netip.ParsePrefix(prefix); err != nil {
			return fmt.Errorf("allow has %q, which is no prefix such as 192.0.2.0/24", brief(prefix))
		}
	}
	return nil
}

// checkName holds a name to what a name can be: whether there is one like it
// is another question.
func checkName(field, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("it has no %s", field)
	case len(name) > maxName:
		return fmt.Errorf("%s has %d bytes, more than %d", field, len(name), maxName)
	case strings.ContainsFunc(name, unprintable):
		return fmt.Errorf("%s %q has a character that cannot be printed", field, name)
	}
	return nil
}

func checkLease(ms int64) error {
	if ms < 0 || ms > maxLease.Milliseconds() {
		return fmt.Errorf("lease_ms is %d, and not between 0 and %d", ms, maxLease.Milliseconds())
	}
	return nil
}

// brief is as much of a text as an error repeats.
func brief(text string) string {
	const enough = 64
	if len(text) > enough {
		return text[:enough] + "..."
	}
	return text
}

// legible makes one short line of a reason. A report is worth more than its
// reason: it is not refused for that.
func legible(reason string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n++; n > maxReason {
			return -1
		}
		if unprintable(r) {
			return ' '
		}
		return r
	}, reason)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// Lease is until when something asked for now with a lease lasts; the zero
// time for one without.
func Lease(now time.Time, ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(ms) * time.Millisecond)
}
