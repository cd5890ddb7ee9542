package lossless

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Row is the account of one storm.
type Row struct {
	Name     string
	Attempts int
	Rate     float64
	// Lost counts by kind, Held and Ended in all.
	Lost        [kinds]int
	Held, Ended int
	Repeated    int
	Wait, Gap   time.Duration
	Posts       Audit
	Sight       Sight
	// Starts is how often each instance became active.
	Starts map[string]int
	// First are the first that were lost.
	First []Miss
}

// firstLost are told word for word.
const firstLost = 12

// NewRow judges what a storm saw.
func NewRow(name string, t Tally, terms Terms, h History, s Sight, posts Audit) Row {
	r := Row{Name: name, Repeated: t.Repeated, Wait: t.Wait, Gap: t.Gap, Posts: posts, Sight: s, Starts: map[string]int{}}
	for _, n := range t.Attempts {
		r.Attempts += n
	}
	if took := t.Ended.Sub(t.Began); took > 0 {
		r.Rate = float64(r.Attempts) / took.Seconds()
	}
	for unit, n := range h.Starts(t.Began) {
		if strings.HasPrefix(unit, terms.Unit+"@") {
			r.Starts[unit] = n
		}
	}
	for _, m := range t.Misses {
		switch terms.Judge(m, h) {
		case Held:
			r.Held++
		case Ended:
			r.Ended++
		default:
			r.Lost[m.Kind]++
			if len(r.First) < firstLost {
				r.First = append(r.First, m)
			}
		}
	}
	return r
}

// Losses is the sum, a POST that ran twice or never included.
func (r Row) Losses() int {
	sum := r.Posts.Twice + r.Posts.Never
	for _, n := range r.Lost {
		sum += n
	}
	return sum
}

// Err is nil where nothing was lost of something.
func (r Row) Err() error {
	if r.Attempts == 0 {
		return fmt.Errorf("%s: the storm made no request", r.Name)
	}
	if n := r.Losses(); n > 0 {
		return fmt.Errorf("%s: %d of %d were lost", r.Name, n, r.Attempts)
	}
	return nil
}

// String is the row, on one line.
func (r Row) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: lost %d of %d", r.Name, r.Losses(), r.Attempts)
	var by []string
	for k, n := range r.Lost {
		if n > 0 {
			by = append(by, fmt.Sprintf("%s %d", Kind(k), n))
		}
	}
	if r.Posts.Twice > 0 {
		by = append(by, fmt.Sprintf("ran twice %d", r.Posts.Twice))
	}
	if r.Posts.Never > 0 {
		by = append(by, fmt.Sprintf("never ran %d", r.Posts.Never))
	}
	if len(by) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(by, ", "))
	}
	fmt.Fprintf(&b, "; %.0f/s; held %d; ended in time %d; repeated %d; longest wait %s; gap %s; posts run %d",
		r.Rate, r.Held, r.Ended, r.Repeated, seconds(r.Wait), seconds(r.Gap), r.Posts.Ran)
	if r.Sight.Asked > 0 {
		fmt.Fprintf(&b, "; fewest in rotation %d of %d; most waiting %d; memory %s to %s, +%s in its second half",
			r.Sight.Fewest, r.Sight.Instances, r.Sight.Held,
			megabytes(r.Sight.Memory[0]), megabytes(slices.Max(r.Sight.Memory)), megabytes(r.Sight.growth()))
	}
	if len(r.Starts) > 0 {
		counts := slices.Sorted(maps.Values(r.Starts))
		fmt.Fprintf(&b, "; starts of an instance %d to %d", counts[0], counts[len(counts)-1])
	}
	return b.String()
}

// Explain tells of the first that were lost and of what happened around them.
func (r Row) Explain(h History) string {
	var b strings.Builder
	for _, m := range r.First {
		fmt.Fprintf(&b, "lost %s %s instance %q begun %v: %s to %s: %v\n", m.Kind, m.How, m.Instance, m.Begun,
			clock(m.From), clock(m.Until), m.Err)
		for _, e := range h {
			if e.At.After(m.From.Add(-3*time.Second)) && e.At.Before(m.Until.Add(time.Second)) {
				fmt.Fprintf(&b, "     %s %s %s\n", clock(e.At), e.Unit, e.What)
			}
		}
	}
	return b.String()
}

func (w What) String() string {
	return [...]string{"stopping", "out of rotation", "killed", "started", "hung"}[w]
}

func clock(t time.Time) string { return t.Format("15:04:05.000") }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/(1<<20)) }
