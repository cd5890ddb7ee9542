package main

import (
	"context"
	"errors"
	"fmt"
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
	if err := install.Apply(ctx, h, w.desired, w.actual, w.plan, out.event); err != nil {
		return stopped(err, again)
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
	out.printf("%s generation %d in %s.%s\n", verb, w.plan.Generation, seconds(time.Since(began)), firstURL(w.desired))
	return nil
}

// stopped says what a failure left behind and how to go on.
func stopped(err error, again string) error {
	var stage *install.StageError
	if errors.As(err, &stage) {
		return &statusError{code: exitCode(err), err: err, hint: "nothing was changed"}
	}
	hint := fmt.Sprintf("what was done stays; `%s` goes on from there", again)
	if again == "webstack apply" {
		hint += ", `webstack diff` shows what is left, `webstack rollback` undoes it"
	}
	return &statusError{code: exitCode(err), err: err, hint: hint}
}
