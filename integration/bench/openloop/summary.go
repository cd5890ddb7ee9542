package openloop

import (
	"slices"
	"time"
)

// Summary is what came of a run. Times are from when a request was due until
// the last octet of its answer.
type Summary struct {
	Requests int           `json:"requests"`
	P50      time.Duration `json:"p50_nanos"`
	P99      time.Duration `json:"p99_nanos"`
	P999     time.Duration `json:"p999_nanos"`
	Max      time.Duration `json:"max_nanos"`
}

// summarize sorts what it is given.
func summarize(latencies []time.Duration) Summary {
	if len(latencies) == 0 {
		return Summary{}
	}
	slices.Sort(latencies)
	at := func(perMille int) time.Duration {
		// The least value that so many are not above.
		i := (len(latencies)*perMille + 999) / 1000
		return latencies[max(i, 1)-1]
	}
	return Summary{
		Requests: len(latencies), P50: at(500), P99: at(990), P999: at(999), Max: latencies[len(latencies)-1],
	}
}
