package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/webstack/webstack/integration/bench/openloop"
	"github.com/webstack/webstack/integration/bench/process"
)

// table is a title, a sentence about what the numbers are, and cells.
type table struct {
	title, about string
	head         []string
	rows         [][]string
}

// none stands where nothing was measured.
const none = "-"

// tables are all of the result, those that are empty left out.
func (r *result) tables() []table {
	var all []table
	for _, t := range []table{r.costTable(), r.ratioTable(), r.idleTable(), r.latencyTable(), r.barTable()} {
		if len(t.rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// took are those that took part.
func (r *result) took() []contenderResult {
	var some []contenderResult
	for _, c := range r.Contenders {
		if c.Missing == "" {
			some = append(some, c)
		}
	}
	return some
}

func (r *result) title(name string) string {
	for _, c := range r.Contenders {
		if c.Name == name {
			return c.Title
		}
	}
	return name
}

func (r *result) costTable() table {
	t := table{
		title: "CPU microseconds for one request", head: []string{"case"},
		about: "The median of the rounds, the least and the greatest in parentheses.",
	}
	for _, c := range r.took() {
		t.head = append(t.head, c.Title)
	}
	for _, c := range r.Costs {
		row := []string{c.Title}
		for _, who := range r.took() {
			cell := none
			if got := c.of(who.Name); got != nil {
				cell = spread(summarizeRounds("", got.Micros), 1)
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (r *result) ratioTable() table {
	t := table{
		title: "webstack's cost by another's", head: []string{"case"},
		about: "Of the same round each: the median of the rounds, the least and the greatest in parentheses. Below 1 webstack is cheaper.",
	}
	for _, c := range r.took() {
		if c.Name != webstack {
			t.head = append(t.head, "against "+c.Title)
		}
	}
	if len(t.head) == 1 {
		return table{}
	}
	for _, c := range r.Costs {
		row := []string{c.Title}
		for _, who := range r.took() {
			if who.Name == webstack {
				continue
			}
			cell := none
			for _, got := range c.Ratios {
				if got.Against == who.Name {
					cell = spread(got, 2)
				}
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (r *result) idleTable() table {
	const mb = 1 << 20
	t := table{
		title: "Memory of idle connections",
		about: "Keep-alive connections that have made one request each. PSS of all its processes, which counts shared pages once; the median, the least and the greatest of the rounds.",
		head:  []string{"", "connections", "KB for each", "MB in all", "of it before", "RSS, MB", "anonymous, MB"},
	}
	for _, i := range r.Idle {
		of := func(rounds []process.Memory, bytes func(process.Memory) int64) string {
			return fmt.Sprintf("%.1f", median(each(rounds, func(m process.Memory) float64 { return float64(bytes(m)) / mb })))
		}
		t.rows = append(t.rows, []string{
			r.title(i.Contender),
			fmt.Sprint(i.Connections),
			spread(summarizeRounds("", scaled(i.perConnection(), 1.0/1024)), 2),
			of(i.With, func(m process.Memory) int64 { return m.PSS }),
			of(i.Before, func(m process.Memory) int64 { return m.PSS }),
			of(i.With, func(m process.Memory) int64 { return m.RSS }),
			of(i.With, func(m process.Memory) int64 { return m.Anonymous }),
		})
	}
	return t
}

func (r *result) latencyTable() table {
	if r.Latency == nil {
		return table{}
	}
	t := table{
		title: "Latency in microseconds at a fixed rate",
		about: fmt.Sprintf("%d requests a second of a small answer over %d connections, which is half of what webstack answers at most. From when a request was due to the last octet of its answer; the median of the rounds.", r.Latency.PerSecond, r.Latency.Connections),
		head:  []string{"", "p50", "p99", "p99.9", "greatest"},
	}
	for _, l := range r.Latency.Of {
		of := func(at func(openloop.Summary) time.Duration) string {
			return fmt.Sprintf("%.0f", median(each(l.Rounds, func(s openloop.Summary) float64 { return float64(at(s)) / 1e3 })))
		}
		t.rows = append(t.rows, []string{
			r.title(l.Contender),
			of(func(s openloop.Summary) time.Duration { return s.P50 }),
			of(func(s openloop.Summary) time.Duration { return s.P99 }),
			of(func(s openloop.Summary) time.Duration { return s.P999 }),
			of(func(s openloop.Summary) time.Duration { return s.Max }),
		})
	}
	return t
}

func (r *result) barTable() table {
	t := table{
		title: "The bar", head: []string{"case", "against", "what", "at most", "got", ""},
		about: "A row is held when its interval over the rounds reaches what is allowed.",
	}
	for _, b := range r.Bar {
		against := none
		if b.Against != "" {
			against = r.title(b.Against)
		}
		name := b.Case
		if c := r.cost(b.Case); c != nil {
			name = c.Title
		}
		t.rows = append(t.rows, []string{
			name, against, b.What, fmt.Sprintf("%.2f", b.AtMost),
			spread(ratio{Median: b.Median, Least: b.Least, Most: b.Most}, 2), string(b.Verdict),
		})
	}
	return t
}

// spread is "11.3 (11.1-11.6)".
func spread(r ratio, digits int) string {
	return fmt.Sprintf("%.*f (%.*f-%.*f)", digits, r.Median, digits, r.Least, digits, r.Most)
}

// terminal aligns the tables for a screen.
func terminal(r *result) string {
	var b strings.Builder
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n%s\n", t.title)
		widths := make([]int, len(t.head))
		for _, row := range append([][]string{t.head}, t.rows...) {
			for i, cell := range row {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
		for _, row := range append([][]string{t.head}, t.rows...) {
			var line strings.Builder
			for i, cell := range row {
				fmt.Fprintf(&line, "  %-*s", widths[i], cell)
			}
			b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		}
	}
	return b.String()
}
