package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// exchange is what an actor says of one request.
type exchange struct {
	actor string
	what  string // the request, in a few words
	begin time.Time
	end   time.Time
	// repeatable requests may be sent twice: idempotent and without a body.
	repeatable bool
	// instance that began to answer; "" if none did.
	instance string
	// status of the answer, 0 if none came.
	status int
	err    error // nil: complete and right
	// left is an actor that ended the exchange itself.
	left bool
}

// class is the ledger's column.
type class string

const (
	right       class = "right"
	left        class = "left"
	explained   class = "explained"
	unexplained class = "UNEXPLAINED"
)

// staleBefore is how long before a request its instance may have been killed
// and the proxy still hold an open connection to it.
const staleBefore = time.Second

// judge sorts an exchange in, and says why.
func judge(x exchange, h *history) (class, string) {
	if x.err == nil {
		if x.left {
			return left, ""
		}
		return right, ""
	}
	if _, no := x.err.(*wrong); no {
		return unexplained, "nothing excuses it"
	}
	switch {
	case x.instance != "" && h.during(x.begin, x.end, x.instance) > 0:
		return explained, "cut: its instance was killed"
	case x.instance != "":
		return unexplained, "cut, and its instance was not killed"
	case x.status != 0 && x.status != 502 && x.status != 503 && x.status != 504:
		return unexplained, fmt.Sprintf("status %d", x.status)
	case x.repeatable && h.during(x.begin, x.end, "") >= 2:
		return explained, "a second instance was killed"
	case x.repeatable:
		return unexplained, "it could have been sent again"
	case h.during(x.begin.Add(-staleBefore), x.end, "") > 0:
		return explained, "not repeatable, and an instance was killed"
	}
	return unexplained, "no instance was killed"
}

// keptUnexplained are described; all are counted.
const keptUnexplained = 20

// ledger counts.
type ledger struct {
	history *history

	mu     sync.Mutex
	counts map[string]map[class]int
	why    map[string]int
	first  []string
	bad    int
}

func newLedger(h *history) *ledger {
	return &ledger{history: h, counts: map[string]map[class]int{}, why: map[string]int{}}
}

func (l *ledger) add(x exchange) {
	c, why := judge(x, l.history)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts[x.actor] == nil {
		l.counts[x.actor] = map[class]int{}
	}
	l.counts[x.actor][c]++
	switch c {
	case explained:
		l.why[why]++
	case unexplained:
		l.bad++
		if len(l.first) < keptUnexplained {
			l.first = append(l.first, fmt.Sprintf("%s %s: %s: status %d, instance %q, after %s: %v (%s)",
				x.begin.Format("15:04:05.000"), x.actor, x.what, x.status, x.instance, x.end.Sub(x.begin).Round(time.Millisecond), x.err, why))
		}
	}
}

func (l *ledger) unexplained() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bad
}

// String is the ledger as a table, and what is wrong in words.
func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	columns := []class{right, left, explained, unexplained}
	fmt.Fprintf(&b, "%-12s", "")
	for _, c := range columns {
		fmt.Fprintf(&b, " %12s", c)
	}
	b.WriteString("\n")
	for _, actor := range slices.Sorted(maps.Keys(l.counts)) {
		fmt.Fprintf(&b, "%-12s", actor)
		for _, c := range columns {
			fmt.Fprintf(&b, " %12d", l.counts[actor][c])
		}
		b.WriteString("\n")
	}
	for _, why := range slices.Sorted(maps.Keys(l.why)) {
		fmt.Fprintf(&b, "explained %d: %s\n", l.why[why], why)
	}
	for _, line := range l.first {
		fmt.Fprintf(&b, "unexplained: %s\n", line)
	}
	return b.String()
}
