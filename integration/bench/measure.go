package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"time"

	"github.com/webstack/webstack/integration/bench/openloop"
)

// warmSeconds is how long a contender is loaded before it is measured.
const warmSeconds = 1

// measure takes one case through its rounds.
func (b *bench) measure(ctx context.Context, c testCase) error {
	fmt.Fprintf(b.out, "%s ", c.title)
	defer fmt.Fprintln(b.out)
	switch c.kind {
	case load:
		return b.measureCost(ctx, c)
	case idle:
		return b.measureIdle(ctx, c)
	case latency:
		return b.measureLatency(ctx, c)
	}
	return fmt.Errorf("case of kind %d", c.kind)
}

// participants of a case, all of which answer it rightly.
func (b *bench) participants(c testCase) ([]contender, error) {
	var some []contender
	for _, x := range b.contenders {
		if !c.ranBy(x) {
			continue
		}
		if err := c.check(x.address()); err != nil {
			return nil, fmt.Errorf("%s: %w", x.title, err)
		}
		some = append(some, x)
	}
	return some, nil
}

// inTurn calls do for every participant in every round; each round begins with
// another.
func (b *bench) inTurn(participants []contender, do func(i int, x contender) error) error {
	for round := range b.rounds {
		for k := range participants {
			i := (k + round) % len(participants)
			if err := do(i, participants[i]); err != nil {
				return fmt.Errorf("%s: round %d: %w", participants[i].title, round+1, err)
			}
		}
		fmt.Fprint(b.out, ".")
	}
	return nil
}

func (b *bench) measureCost(ctx context.Context, c testCase) error {
	some, err := b.participants(c)
	if err != nil {
		return err
	}
	got := costResult{Case: c.name, Title: c.title, Connections: c.connections, Of: make([]cost, len(some))}
	for i, x := range some {
		got.Of[i].Contender = x.name
		if err := b.warm(ctx, c, x); err != nil {
			return err
		}
	}
	err = b.inTurn(some, func(i int, x contender) error {
		o, used, err := b.costOf(ctx, c, x)
		if err != nil {
			return err
		}
		one := &got.Of[i]
		one.Micros = append(one.Micros, float64(used)/1e3/float64(o.Requests))
		one.PerSecond = append(one.PerSecond, o.perSecond())
		return nil
	})
	if err != nil {
		return err
	}
	got.compare()
	b.result.Costs = append(b.result.Costs, got)
	if err := b.checkLogs(); err != nil {
		return err
	}
	return b.emptyLogs()
}

// costOf loads a contender once: what was answered, and the CPU time in
// nanoseconds that it took.
func (b *bench) costOf(ctx context.Context, c testCase, x contender) (outcome, int64, error) {
	p := b.running[x.name]
	for stood := 0; ; stood++ {
		before, err := p.CPU()
		if err != nil {
			return outcome{}, 0, err
		}
		o, err := c.drive(ctx, b.dir, x.address(), b.seconds)
		if errors.Is(err, errStandstill) && stood < standstills {
			fmt.Fprint(b.out, "(the machine stands still) ")
			cmd := exec.Command("sh", "-c", "(wrk -t1 -c4 -d2s http://"+x.address()+"/small >/tmp/wrkout & sleep 1; ps -eo pid,stat,psr,wchan,pcpu,comm; ss -tan | awk '{print $1,$4,$5}' | grep -v TIME-WAIT | grep "+x.address()+" | head -20; ss -tan | awk '{print $1}' | sort | uniq -c; nstat -az | egrep -i 'drop|overflow|listen|rexmit|retrans'; cat /proc/softirqs | egrep 'NET|CPU'; wait; cat /tmp/wrkout)")
			out, _ := cmd.CombinedOutput()
			fmt.Fprintf(b.out, "%s\n", out)
			continue
		}
		if err != nil {
			return outcome{}, 0, err
		}
		after, err := p.CPU()
		return o, after - before, err
	}
}

// warm loads a contender before it is measured.
func (b *bench) warm(ctx context.Context, c testCase, x contender) error {
	_, err := c.drive(ctx, b.dir, x.address(), warmSeconds)
	if err != nil && !errors.Is(err, errStandstill) {
		return fmt.Errorf("%s: %w", x.title, err)
	}
	return nil
}

// measureLatency offers all the same rate: half of what webstack was seen to
// answer at the most.
func (b *bench) measureLatency(ctx context.Context, c testCase) error {
	some, err := b.participants(c)
	if err != nil {
		return err
	}
	capacity, err := b.capacity(ctx)
	if err != nil {
		return err
	}
	got := &latencyResult{PerSecond: int(capacity / 2), Connections: c.connections, Of: make([]latencyOf, len(some))}
	fmt.Fprintf(b.out, "(%d a second) ", got.PerSecond)
	for i, x := range some {
		got.Of[i].Contender = x.name
		if err := b.warm(ctx, c, x); err != nil {
			return err
		}
	}
	err = b.inTurn(some, func(i int, x contender) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		address, err := netip.ParseAddrPort(x.address())
		if err != nil {
			return err
		}
		s, err := openloop.Run(openloop.Options{
			Address: address, Request: c.wire(), Connections: c.connections,
			PerSecond: got.PerSecond, For: time.Duration(b.seconds) * time.Second,
		})
		if errors.Is(err, openloop.ErrOverrun) {
			// It cannot answer so many: that is its result.
			err = nil
		}
		got.Of[i].Rounds = append(got.Of[i].Rounds, s)
		return err
	})
	b.result.Latency = got
	return errors.Join(err, b.emptyLogs())
}

// capacity is webstack's, as measured, or measured now.
func (b *bench) capacity(ctx context.Context) (float64, error) {
	if done := b.result.cost(capacityCase); done != nil {
		return median(done.of(webstack).PerSecond), nil
	}
	some, err := selectCases([]string{capacityCase})
	if err != nil {
		return 0, err
	}
	for _, x := range b.contenders {
		if x.name == webstack {
			o, err := some[0].drive(ctx, b.dir, x.address(), b.seconds)
			return o.perSecond(), err
		}
	}
	return 0, errors.New("webstack takes no part")
}
