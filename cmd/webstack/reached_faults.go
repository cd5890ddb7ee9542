//go:build faults

package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// reached ends the process, as kill -9 does, before the step whose number
// WEBSTACK_DIE_AT holds. The tests build it in; no release has it.
func reached() func(step string) {
	at, err := strconv.Atoi(os.Getenv("WEBSTACK_DIE_AT"))
	if err != nil {
		return nil
	}
	n := 0
	return func(step string) {
		if n++; n < at {
			return
		}
		fmt.Fprintf(os.Stderr, "killed before %s\n", step)
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
	}
}
