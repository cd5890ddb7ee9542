package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// openers connect at the same time.
	openers = 64
	// settle is what a server gets to put away what it needs no more, before
	// its memory is read.
	settle = 2 * time.Second
	// warmRequests are answered before anything is compared, so that what a
	// server allocates once is not charged to the idle. Fewer than the 1000
	// after which many end a connection.
	warmRequests = 500
)

// measureIdle starts each contender anew in each round, reads its memory, has
// it hold connections that have made one request each, and reads it again.
func (b *bench) measureIdle(ctx context.Context, c testCase) error {
	some, err := b.participants(c)
	if err != nil {
		return err
	}
	got := make([]idleResult, len(some))
	for i, x := range some {
		got[i] = idleResult{Contender: x.name, Connections: b.idle}
	}
	err = b.inTurn(some, func(i int, x contender) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.restart(ctx, x); err != nil {
			return err
		}
		p := b.running[x.name]
		if err := c.warm(x.address()); err != nil {
			return err
		}
		time.Sleep(settle)
		before, err := p.Memory()
		if err != nil {
			return err
		}
		conns, err := c.hold(x.address(), b.idle)
		defer func() {
			for _, conn := range conns {
				conn.Close()
			}
		}()
		if err != nil {
			return err
		}
		time.Sleep(settle)
		with, err := p.Memory()
		if err != nil {
			return err
		}
		got[i].Before, got[i].With = append(got[i].Before, before), append(got[i].With, with)
		return stillOpen(conns)
	})
	b.result.Idle = got
	return errors.Join(err, b.emptyLogs())
}

// warm makes some requests on one connection.
func (c testCase) warm(address string) error {
	conn, err := net.DialTimeout("tcp", address, checkTimeout)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for range warmRequests {
		if err := c.ask(conn, r); err != nil {
			return err
		}
	}
	return nil
}

func (c testCase) ask(conn net.Conn, r *bufio.Reader) error {
	if err := conn.SetDeadline(time.Now().Add(checkTimeout)); err != nil {
		return err
	}
	if _, err := conn.Write(c.wire()); err != nil {
		return err
	}
	return c.checkAnswer(r)
}

// hold opens so many connections; each makes one request and stays.
func (c testCase) hold(address string, count int) ([]net.Conn, error) {
	var (
		mu    sync.Mutex
		all   []net.Conn
		first error
		work  sync.WaitGroup
	)
	for worker := range openers {
		work.Go(func() {
			for i := worker; i < count; i += openers {
				conn, err := net.DialTimeout("tcp", address, checkTimeout)
				if err == nil {
					err = c.ask(conn, bufio.NewReader(conn))
				}
				mu.Lock()
				if conn != nil {
					all = append(all, conn)
				}
				if err != nil && first == nil {
					first = fmt.Errorf("cannot hold %d connections, only %d: %w", count, len(all), err)
				}
				stop := first != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	work.Wait()
	return all, first
}

// stillOpen makes sure that what was weighed was there.
func stillOpen(conns []net.Conn) error {
	for i, conn := range conns {
		if err := conn.SetReadDeadline(time.Now().Add(time.Microsecond)); err != nil {
			return err
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("idle connection %d of %d was not kept: %w", i, len(conns), err)
		}
	}
	return nil
}
