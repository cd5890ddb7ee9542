package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// explainTimeout bounds the look at a machine in which something went wrong.
const explainTimeout = 10 * time.Second

// step announces what takes a moment and says how long it took.
func (d *demo) step(what string, do func() error) error {
	fmt.Fprintf(d.out, "%s ... ", what)
	began := time.Now()
	err := do()
	if err != nil {
		fmt.Fprintln(d.out, "failed")
		return err
	}
	fmt.Fprintf(d.out, "%.1f s\n", time.Since(began).Seconds())
	return nil
}

// perform runs a command in the machine as if typed there, output and all.
func (d *demo) perform(ctx context.Context, argv ...string) error {
	fmt.Fprintf(d.out, "\ndemo# %s\n", strings.Join(argv, " "))
	cmd, err := d.m.Command(ctx, argv...)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = d.out, d.out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	return nil
}

// explain shows the machine's failed units and last words, for an error that
// happened in it.
func (d *demo) explain() error {
	ctx, cancel := context.WithTimeout(context.Background(), explainTimeout)
	defer cancel()
	var text strings.Builder
	for _, argv := range [][]string{
		{"systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager"},
		{"journalctl", "-b", "-p", "warning", "-n", "20", "--no-pager", "--no-hostname", "-o", "short"},
	} {
		out, err := d.m.Run(ctx, argv...)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "demo# %s\n%s", strings.Join(argv, " "), out.Stdout)
	}
	return errors.New("in the machine:\n" + strings.TrimSpace(text.String()))
}

// stay says what there is to try, and waits to be interrupted.
func (d *demo) stay(ctx context.Context) error {
	// A status that has something to complain about is not the demo's end.
	if err := d.perform(ctx, "webstack", "status"); err != nil {
		fmt.Fprintln(d.out, err)
	}
	enter := fmt.Sprintf("nsenter -t %d -a", d.m.PID())
	fmt.Fprintf(d.out, `
  %s    eight instances behind one proxy
  %s    a site of plain files

Try, in another terminal:
  for i in 1 2 3 4 5 6 7 8; do curl -s %swhoami | cut -c1-26; echo; done
  curl -sI %sstatic/style.css
  curl -N %sstream

In the machine (as root):
  %s sh -l                                   a shell
  %s webstack status
  %s systemctl kill -s KILL app@8023.service    and look at the page meanwhile
  %s systemctl restart webstack.service

Ctrl-C ends the machine and leaves nothing behind.
`, d.url(0), d.url(1), d.url(0), d.url(0), d.url(0), enter, enter, enter, enter)
	select {
	case <-ctx.Done():
	case <-d.m.Done():
		fmt.Fprintln(d.out, "\nThe machine was powered off.")
	}
	return nil
}

// url is the address of the i-th site on the host.
func (d *demo) url(i int) string {
	return fmt.Sprintf("http://127.0.0.1:%d/", d.port+i)
}

// checkPorts refuses a port that is taken before anything is built.
func (d *demo) checkPorts() error {
	if d.port < 1 || d.port > 65534 {
		return fmt.Errorf("PORT=%d: a port from 1 to 65534 is needed, the next one is used too", d.port)
	}
	for i := range 2 {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port+i)))
		if err != nil {
			return fmt.Errorf("cannot listen on the host's port %d: %w (PORT= moves the demo: make demo PORT=9081)", d.port+i, err)
		}
		l.Close()
	}
	return nil
}
