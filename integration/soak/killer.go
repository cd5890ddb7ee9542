package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"github.com/webstack/webstack/integration/bench/process"
)

const (
	firstInstance = 8020
	instanceCount = 6
)

// Between two kills, and between a kill and the new start.
const (
	leastLife = 500 * time.Millisecond
	moreLife  = 1500 * time.Millisecond
	mostDeath = 500 * time.Millisecond
)

// instances are processes of this program.
type instances struct {
	self      string
	addresses []string
	running   map[string]*process.Process
	history   *history
}

func startInstances(ctx context.Context, h *history) (*instances, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	in := &instances{self: self, running: map[string]*process.Process{}, history: h}
	for i := range instanceCount {
		address := fmt.Sprintf("127.0.0.1:%d", firstInstance+i)
		in.addresses = append(in.addresses, address)
		if err := in.start(ctx, address); err != nil {
			return nil, errors.Join(err, in.stop())
		}
	}
	return in, nil
}

func (in *instances) start(ctx context.Context, address string) error {
	p, err := process.Start(process.Spec{Name: "instance " + address, Argv: []string{in.self, instanceVerb, address}, Core: -1})
	if err != nil {
		return err
	}
	in.running[address] = p
	return p.AwaitListening(ctx, address)
}

// killAgainAndAgain kills one after the other until ctx ends; one at a time is
// dead.
func (in *instances) killAgainAndAgain(ctx context.Context, rng *rand.Rand) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(leastLife + time.Duration(rng.Int64N(int64(moreLife)))):
		}
		address := in.addresses[rng.IntN(len(in.addresses))]
		p := in.running[address]
		in.history.add(address, time.Now())
		if err := p.Signal(syscall.SIGKILL); err != nil {
			return fmt.Errorf("cannot kill %s: %w", p.Name, err)
		}
		<-p.Ended()
		time.Sleep(time.Duration(rng.Int64N(int64(mostDeath))))
		// Also when ctx has ended: the run ends with all of them up.
		if err := in.start(context.WithoutCancel(ctx), address); err != nil {
			return err
		}
	}
}

func (in *instances) stop() error {
	var all []error
	for _, p := range in.running {
		all = append(all, p.Stop())
	}
	return errors.Join(all...)
}
