package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

func main() {
	// A second signal ends the process the hard way: NotifyContext restores
	// the default once the first has arrived.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is main without the exit.
func run(ctx context.Context, args []string) int {
	out := newConsole(os.Stdout, os.Stderr, os.Getenv)
	root := newRoot(out)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && slices.Contains(args, "--json") {
		out.json = true // a wrong flag ends the parsing before this one is read
	}
	return out.fail(err)
}
