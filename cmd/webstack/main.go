package main

import (
	"context"
	"os"
	"slices"
)

func main() {
	ctx, stop := interruptible(context.Background())
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is main without the exit.
func run(ctx context.Context, args []string) int {
	out := newConsole(os.Stdout, os.Stderr, os.Getenv)
	root := newRoot(out)
	root.SetArgs(numbersLast(args))
	err := root.ExecuteContext(ctx)
	if err != nil && slices.Contains(args, "--json") {
		out.json = true // a wrong flag ends the parsing before this one is read
	}
	return out.fail(err)
}
