package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// interruption is what SIGINT and SIGTERM do. The first ends the verb's
// context; what must not stop halfway, such as an instance that is out of
// rotation, is finished. The second ends that too, and the process at once
// where nothing has to be put back. The third is the kernel's.
type interruption struct {
	// insisted ends with the second signal.
	insisted context.Context
	// inHand counts what must not stop halfway.
	inHand atomic.Int32
}

var errInterrupted = errors.New("interrupted")

// interruptionKey is where a verb's context holds its interruption.
type interruptionKey struct{}

// interruptible begins to listen for signals. stop ends that.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	i := &interruption{}
	asked, ask := context.WithCancelCause(context.WithValue(parent, interruptionKey{}, i))
	insisted, insist := context.WithCancelCause(parent)
	i.insisted = insisted
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		ask(errInterrupted)
		again := <-signals
		signal.Stop(signals)
		insist(errInterrupted)
		if number, ok := again.(syscall.Signal); ok && i.inHand.Load() == 0 {
			_ = syscall.Kill(os.Getpid(), number)
		}
	}()
	return asked, func() { signal.Stop(signals) }
}

// finishing is install.Host.Finish for a verb's context.
func finishing(ctx context.Context) func(context.Context) (context.Context, context.CancelFunc) {
	i, ok := ctx.Value(interruptionKey{}).(*interruption)
	if !ok {
		return nil
	}
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		i.inHand.Add(1)
		ctx, end := context.WithCancelCause(context.WithoutCancel(ctx))
		stop := context.AfterFunc(i.insisted, func() { end(errInterrupted) })
		return ctx, func() {
			stop()
			end(nil)
			i.inHand.Add(-1)
		}
	}
}
