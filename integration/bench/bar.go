package main

import (
	"fmt"
	"math"
)

// barRow is what has to hold of one ratio.
type barRow struct {
	cases   []string
	against []string // of several, the better
	atMost  float64
}

// bar is what webstack promises of its cost for one request, by the case and
// by whom it is compared with.
var bar = []barRow{
	{[]string{"small64", "small256"}, []string{nginx}, 0.80},
	{[]string{"small64", "small256"}, []string{haproxy}, 0.82},
	{[]string{"10k"}, []string{nginx}, 0.78},
	{[]string{"10k"}, []string{haproxy}, 0.83},
	{[]string{"100k"}, []string{nginx, haproxy}, 0.75},
	{[]string{"close"}, []string{nginx}, 0.80},
	{[]string{"close"}, []string{haproxy}, 0.80},
	{[]string{"small1"}, []string{nginx}, 1.00},
	{[]string{"small1"}, []string{haproxy}, 0.95},
	{[]string{"static1k"}, []string{nginx}, 0.80},
	{[]string{"static100k"}, []string{nginx}, 0.95},
	{[]string{"static10m"}, []string{nginx}, 1.10},
	{[]string{"small64"}, []string{untuned}, 0.22},
}

// maxIdleBytes is what an idle connection may cost; all of them together, the
// process included, must cost less than nginx's.
const maxIdleBytes = 512

// verdict says how a row came out.
type verdict string

const (
	held verdict = "held"
	// heldByInterval: some round reached the bar, their median did not.
	heldByInterval verdict = "held by the interval"
	notHeld        verdict = "not held"
)

// barResult is one row as measured.
type barResult struct {
	Case    string  `json:"case"`
	Against string  `json:"against"`
	What    string  `json:"what"`
	AtMost  float64 `json:"at_most"`
	Median  float64 `json:"median"`
	Least   float64 `json:"least"`
	Most    float64 `json:"most"`
	Verdict verdict `json:"verdict"`
}

// judge compares an interval with what is allowed.
func judge(r ratio, atMost float64) verdict {
	switch {
	case r.Median <= atMost:
		return held
	case r.Least <= atMost:
		return heldByInterval
	}
	return notHeld
}

// judgeAll holds what was measured to the bar; what was not is left out.
func (r *result) judgeAll() []barResult {
	var all []barResult
	add := func(name, what string, got ratio, atMost float64) {
		all = append(all, barResult{
			Case: name, Against: got.Against, What: what, AtMost: atMost,
			Median: got.Median, Least: got.Least, Most: got.Most, Verdict: judge(got, atMost),
		})
	}
	for _, row := range bar {
		for _, name := range row.cases {
			if got, measured := r.better(name, row.against); measured {
				add(name, "cost by cost", got, row.atMost)
			}
		}
	}
	mine, theirs := r.idleOf(webstack), r.idleOf(nginx)
	if mine != nil {
		add(idleCase, fmt.Sprintf("KB for each, of %d", mine.Connections),
			summarizeRounds("", scaled(mine.perConnection(), 1.0/1024)), maxIdleBytes/1024.0)
	}
	if mine != nil && theirs != nil {
		// Less, and not the same.
		add(idleCase, "memory in all by memory in all",
			ratioOf(nginx, mine.total(), theirs.total()), math.Nextafter(1, 0))
	}
	return all
}

// better is the ratio to the cheapest of those named, if all were measured.
func (r *result) better(name string, against []string) (ratio, bool) {
	c := r.cost(name)
	if c == nil {
		return ratio{}, false
	}
	var worst ratio
	for _, one := range against {
		found := false
		for _, got := range c.Ratios {
			if got.Against == one {
				found = true
				if got.Median > worst.Median {
					worst = got
				}
			}
		}
		if !found {
			return ratio{}, false
		}
	}
	return worst, true
}

func (r *result) idleOf(name string) *idleResult {
	for i := range r.Idle {
		if r.Idle[i].Contender == name {
			return &r.Idle[i]
		}
	}
	return nil
}

func scaled(values []float64, by float64) []float64 {
	return each(values, func(v float64) float64 { return v * by })
}

// missed are the rows that are not held.
func missed(rows []barResult) []barResult {
	var some []barResult
	for _, r := range rows {
		if r.Verdict == notHeld {
			some = append(some, r)
		}
	}
	return some
}
