package integration

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// waitPause separates two tries of wait-for.
const waitPause = 50 * time.Millisecond

// waitFor tries a verb until it succeeds and its output matches, or until the
// deadline. The last try's output stays for stdout and stderr to match.
func (s *script) waitFor(args []string) (printed, error) {
	const usage = "usage: wait-for DEADLINE [-stdout REGEXP] [!] VERB [ARG...]"
	if len(args) < 2 {
		return printed{}, misused(usage)
	}
	limit, err := time.ParseDuration(args[0])
	if err != nil {
		return printed{}, misused("%v: %s", err, usage)
	}
	args = args[1:]
	pattern := regexp.MustCompile("")
	if args[0] == "-stdout" && len(args) > 2 {
		if pattern, err = regexp.Compile("(?m)" + args[1]); err != nil {
			return printed{}, misused("%v: %s", err, usage)
		}
		args = args[2:]
	}
	neg := args[0] == "!"
	if neg {
		args = args[1:]
	}
	verbs := map[string]verb{"machine": (*script).machine, "http": (*script).http, "load": (*script).load}
	if len(args) == 0 || verbs[args[0]] == nil {
		return printed{}, misused("wait-for: machine, http or load, not %q: %s", args, usage)
	}
	for deadline := time.Now().Add(limit); ; time.Sleep(waitPause) {
		out, err := verbs[args[0]](s, args[1:])
		err = judge(neg, err)
		if err == nil && !pattern.MatchString(out.stdout) {
			err = fmt.Errorf("its output does not match %q", pattern)
		}
		var wrong misuse
		if err == nil || errors.As(err, &wrong) {
			return out, err
		}
		if time.Now().After(deadline) {
			return out, fmt.Errorf("not within %v: %w", limit, err)
		}
	}
}
