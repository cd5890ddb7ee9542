package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/webstack/webstack/install"
)

// carryOut applies a plan, tells how it goes on, and says what came of it.
// again is what to type where it stopped on the way.
func carryOut(ctx context.Context, out *console, h *install.Host, w *work, verb, again string) error {
	began := time.Now()
	for _, note := range w.plan.Notes {
		out.progress("  %s\n", note)
	}
	if err := install.Apply(ctx, h, w.desired, w.actual, w.plan, out.rolling()); err != nil {
		undo := ""
		switch {
		case w.actual.Current == nil:
			undo = "webstack uninstall"
		case again == "webstack apply":
			undo = "webstack rollback"
		}
		return stopped(err, again, undo)
	}
	if out.json {
		return out.document(newPlanDocument(w.plan))
	}
	if out.quiet {
		return nil
	}
	if w.plan.Empty() {
		out.printf("Nothing to do: generation %d is applied.\n", w.plan.Generation)
		return nil
	}
	out.printf("%s generation %d in %s.%s\n", verb, w.plan.Generation, seconds(time.Since(began)), openURL(ctx, h, w.desired))
	return nil
}

// stopped says what a failure left behind, how to go on, and how to undo it
// where that can be done.
func stopped(err error, again, undo string) error {
	var stage *install.StageError
	if errors.As(err, &stage) {
		return &statusError{code: exitCode(err), err: err, hint: "nothing was changed"}
	}
	hint := fmt.Sprintf("what was done stays; `%s` goes on from there", again)
	if undo != "" {
		hint += fmt.Sprintf(", `webstack diff` shows what is left, `%s` undoes it", undo)
	}
	return &statusError{code: exitCode(err), err: err, hint: hint}
}

// openURL is where to look now, "" where nothing listens on a port: a masked
// proxy or listener stays closed.
func openURL(ctx context.Context, h *install.Host, d *install.Desired) string {
	if proxy, err := h.Unit(ctx, "webstack.service"); err != nil || proxy.Masked() {
		return ""
	}
	for _, l := range d.Listeners {
		host, port, err := net.SplitHostPort(l.Address)
		if err != nil || l.Network != "tcp" {
			continue
		}
		if u, err := h.Unit(ctx, l.Unit); err != nil || !u.Up() {
			continue
		}
		if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return " http://" + net.JoinHostPort(host, port) + "/"
	}
	return ""
}
