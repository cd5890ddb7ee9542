package keeper

// Verb is what is asked of systemd.
type Verb string

const (
	// Start starts an instance that a request waits for.
	Start Verb = "start"
	// Stop stops an instance that nobody uses.
	Stop Verb = "stop"
	// Restart restarts an instance that fails its health check.
	Restart Verb = "restart"
	// Reset clears the restart counter, and with it the growing delay.
	Reset Verb = "reset-failed"
)

// Job is one thing to ask of systemd. Keeper.Ended ends it.
type Job struct {
	Verb Verb
	// ID is the instance's: "app@8021".
	ID string
	// Why is a phrase for people.
	Why string
}

// Report tells the proxy the state of one instance.
type Report struct {
	ID     string
	State  State
	Reason string
}

// Change says that a worker's instance has become something else, which
// nobody hears of from the proxy.
type Change struct {
	App, ID     string
	From, State State
	Reason      string
}

// Action is one thing to do. One of its fields is set.
type Action struct {
	Change *Change
	// Reports go to the proxy in one call, which Keeper.Reported ends.
	Reports []Report
	Job     *Job
	// Look asks the proxy who is idle, which Keeper.Looked ends.
	Look bool
	// Warn is a sentence for the log: something that is not done, and why.
	Warn string
}
