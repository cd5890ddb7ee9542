package static

import "time"

// The three forms of an HTTP-date (RFC 9110 section 5.6.7). Only the first is
// sent.
const (
	fixdate = "Mon, 02 Jan 2006 15:04:05 GMT"
	rfc850  = "Monday, 02-Jan-06 15:04:05 GMT"
	asctime = "Mon Jan _2 15:04:05 2006"
)

// maxYearsAhead: a two-digit year that appears to be more than 50 years in the
// future is the most recent past one with these digits (RFC 9110 section
// 5.6.7).
const maxYearsAhead = 50

func formatDate(t time.Time) string { return t.UTC().Format(fixdate) }

// parseDate reads an HTTP-date; ok is false for anything else, which a
// precondition then ignores. Two of the forms have one length, so that each is
// tried once.
func parseDate(s string, now time.Time) (t time.Time, ok bool) {
	form := rfc850
	switch len(s) {
	case len(fixdate):
		form = fixdate
	case len(asctime):
		form = asctime
	}
	t, err := time.Parse(form, s)
	if err != nil {
		return time.Time{}, false
	}
	if form == rfc850 {
		for t.After(now.AddDate(maxYearsAhead, 0, 0)) {
			t = t.AddDate(-100, 0, 0)
		}
	}
	return t, true
}
