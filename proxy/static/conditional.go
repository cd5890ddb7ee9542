package static

import (
	"strings"
	"time"
)

// precondition is what the conditional fields come to.
type precondition uint8

const (
	// proceed: perform the method.
	proceed precondition = iota
	// notModified: answer 304.
	notModified
	// failed: answer 412.
	failed
)

// evaluate follows RFC 9110 section 13.2.2, steps 1 to 4, for GET and HEAD.
// Dates that are none are ignored.
//
// If-Modified-Since is compared for equality, as nginx does by default and
// where RFC 9110 section 13.1.3 would answer 304 to any later date as well: a
// file that is replaced by an older one (a rollback) must not stay cached.
func evaluate(r *Request, f *File, now time.Time) precondition {
	if r.IfMatch != "" {
		if !matches(r.IfMatch, f.ETag, strong) {
			return failed
		}
	} else if r.IfUnmodifiedSince != "" {
		since, ok := parseDate(r.IfUnmodifiedSince, now)
		if ok && f.ModTime.Unix() > since.Unix() {
			return failed
		}
	}
	if r.IfNoneMatch != "" {
		if matches(r.IfNoneMatch, f.ETag, weak) {
			return notModified
		}
	} else if r.IfModifiedSince != "" && isDateOf(r.IfModifiedSince, f, now) {
		return notModified
	}
	return proceed
}

// isDateOf says whether a date is the file's Last-Modified, which clients
// mostly send back as they got it.
func isDateOf(date string, f *File, now time.Time) bool {
	if date == f.LastModified {
		return true
	}
	t, ok := parseDate(date, now)
	return ok && t.Unix() == f.ModTime.Unix()
}

// rangeApplies is step 5: whether If-Range lets Range count. The tag is
// compared strongly; a date must be the file's and strong in the sense of RFC
// 9110 section 8.8.2.2, that is, not of this very second, in which the file
// may change once more.
func rangeApplies(r *Request, f *File, now time.Time) bool {
	if r.IfRange == "" {
		return true
	}
	if strings.HasPrefix(r.IfRange, `"`) || strings.HasPrefix(r.IfRange, "W/") {
		return r.IfRange == f.ETag
	}
	return isDateOf(r.IfRange, f, now) && now.Unix() > f.ModTime.Unix()
}

// comparison is how entity tags are compared (RFC 9110 section 8.8.3.2).
type comparison uint8

const (
	// weak ignores the W/ of either tag.
	weak comparison = iota
	// strong matches no weak tag.
	strong
)

// matches says whether a list of entity tags, or "*", has the tag. Our own is
// never weak. What follows a malformed element is not looked at.
func matches(list, tag string, how comparison) bool {
	if strings.Trim(list, " \t") == "*" {
		return true
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		rest, isWeak := strings.CutPrefix(list, "W/")
		if rest == "" || rest[0] != '"' {
			return false
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return false
		}
		if rest[:end+2] == tag && (how == weak || !isWeak) {
			return true
		}
		list = rest[end+2:]
	}
}
