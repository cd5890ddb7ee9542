package main

import (
	"math"
	"slices"

	"github.com/webstack/webstack/integration/bench/openloop"
	"github.com/webstack/webstack/integration/bench/process"
)

// resultVersion is the document's.
const resultVersion = 1

// result is all that was measured. Everything that is printed, written or
// drawn comes from it.
type result struct {
	Version    int               `json:"version"`
	Date       string            `json:"date"`
	Machine    machine           `json:"machine"`
	Rounds     int               `json:"rounds"`
	Seconds    int               `json:"seconds"`
	Log        bool              `json:"access_log"`
	Contenders []contenderResult `json:"contenders"`
	Costs      []costResult      `json:"costs,omitempty"`
	Idle       []idleResult      `json:"idle,omitempty"`
	Latency    *latencyResult    `json:"latency,omitempty"`
	Bar        []barResult       `json:"bar,omitempty"`
}

// machine is what it was measured on.
type machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Kernel  string `json:"kernel"`
	Distro  string `json:"distro"`
	Go      string `json:"go"`
	Wrk     string `json:"wrk"`
	Virtual string `json:"virtual,omitempty"`
}

// contenderResult is who took part.
type contenderResult struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version string `json:"version,omitempty"`
	Log     string `json:"access_log,omitempty"`
	// Missing is why it did not.
	Missing string `json:"missing,omitempty"`
}

// costResult is one case.
type costResult struct {
	Case        string `json:"case"`
	Title       string `json:"title"`
	Connections int    `json:"connections"`
	// Of is by contender, in their order.
	Of []cost `json:"of"`
	// Ratios are webstack's cost by each other's.
	Ratios []ratio `json:"ratios"`
}

// cost is one contender in one case: a value for each round.
type cost struct {
	Contender string `json:"contender"`
	// Micros are CPU microseconds for each request.
	Micros    []float64 `json:"cpu_micros"`
	PerSecond []float64 `json:"per_second"`
}

// ratio is of the same round's costs.
type ratio struct {
	Against string    `json:"against"`
	Rounds  []float64 `json:"rounds"`
	Median  float64   `json:"median"`
	Least   float64   `json:"least"`
	Most    float64   `json:"most"`
}

// idleResult is one contender's memory, a value for each round.
type idleResult struct {
	Contender   string `json:"contender"`
	Connections int    `json:"connections"`
	// Before is without a connection, With while all are idle.
	Before []process.Memory `json:"before"`
	With   []process.Memory `json:"with"`
}

// latencyResult is of one fixed rate.
type latencyResult struct {
	PerSecond   int         `json:"per_second"`
	Connections int         `json:"connections"`
	Of          []latencyOf `json:"of"`
}

// latencyOf is one contender, a value for each round.
type latencyOf struct {
	Contender string             `json:"contender"`
	Rounds    []openloop.Summary `json:"rounds"`
}

// of finds a contender's cost; nil where it took no part.
func (c costResult) of(name string) *cost {
	for i := range c.Of {
		if c.Of[i].Contender == name {
			return &c.Of[i]
		}
	}
	return nil
}

// cost finds a case; nil where it was not measured.
func (r *result) cost(name string) *costResult {
	for i := range r.Costs {
		if r.Costs[i].Case == name {
			return &r.Costs[i]
		}
	}
	return nil
}

// compare fills in the ratios.
func (c *costResult) compare() {
	mine := c.of(webstack)
	if mine == nil {
		return
	}
	for _, other := range c.Of {
		if other.Contender == webstack {
			continue
		}
		c.Ratios = append(c.Ratios, ratioOf(other.Contender, mine.Micros, other.Micros))
	}
}

// ratioOf divides round by round.
func ratioOf(against string, mine, theirs []float64) ratio {
	var rounds []float64
	for i := range min(len(mine), len(theirs)) {
		rounds = append(rounds, mine[i]/theirs[i])
	}
	return summarizeRounds(against, rounds)
}

func summarizeRounds(against string, rounds []float64) ratio {
	return ratio{
		Against: against, Rounds: rounds,
		Median: median(rounds), Least: slices.Min(rounds), Most: slices.Max(rounds),
	}
}

// median of some values; NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// each maps the rounds of something to numbers.
func each[T any](rounds []T, number func(T) float64) []float64 {
	var values []float64
	for _, r := range rounds {
		values = append(values, number(r))
	}
	return values
}

// perConnection is what one idle connection costs in bytes, by round.
func (i idleResult) perConnection() []float64 {
	var values []float64
	for round := range i.With {
		values = append(values, float64(i.With[round].PSS-i.Before[round].PSS)/float64(i.Connections))
	}
	return values
}

// total is all memory with the connections open in bytes, by round.
func (i idleResult) total() []float64 {
	return each(i.With, func(m process.Memory) float64 { return float64(m.PSS) })
}
