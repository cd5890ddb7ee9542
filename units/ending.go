package units

import "fmt"

// How a main process ended: the codes of SIGCHLD (sigaction(2)), which systemd
// passes on as ExecMainCode.
const (
	Exited = 1
	Killed = 2
	Dumped = 3
)

// Ending says for people how a main process ended. status is its exit status,
// or the signal that ended it.
func Ending(code, status int) string {
	switch code {
	case Exited:
		return fmt.Sprintf("exit %d", status)
	case Dumped:
		return fmt.Sprintf("dumped core on signal %d", status)
	}
	return fmt.Sprintf("killed by signal %d", status)
}
