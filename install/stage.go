package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// StageError is what went wrong before the first change to the machine.
type StageError struct{ Err error }

func (e *StageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *StageError) Unwrap() error { return e.Err }

// stage stores the generation, has systemd verify its units, and records it
// as pending: all before the first change that systemd can see.
func (x *applier) stage(ctx context.Context) error {
	if x.p.store {
		x.h.reached("stage")
		err := storeGeneration(x.h.Paths, &Generation{
			Version: manifestVersion, Number: x.p.Generation, Previous: x.p.Previous,
			CreatedAt: x.h.Now().UTC().Truncate(time.Second), Sum: x.d.Sum(), Desired: *x.d,
		})
		if err != nil {
			return err
		}
	}
	changed := x.p.has(WriteFile)
	if changed {
		x.h.reached("verify")
		if err := x.verify(ctx); err != nil {
			return err
		}
	}
	if x.p.Generation == x.p.Previous && !changed {
		return nil // nothing but unit states: no file will need an owner
	}
	x.h.reached("pending")
	var already []int
	for _, g := range x.a.Pending {
		already = append(already, g.Number)
	}
	return addPending(x.h.Paths, already, x.p.Generation)
}

// verify lets systemd read the units as they will stand, from the
// generation's folder.
func (x *applier) verify(ctx context.Context) error {
	var names []string
	// A socket unit is loaded together with its service, which an operator may
	// have masked.
	sockets := !x.a.Units[proxyUnit].Masked()
	for _, f := range x.d.Files {
		if isDropIn(f.Path) == 0 && (sockets || !strings.HasSuffix(f.Path, ".socket")) {
			names = append(names, f.Path)
		}
	}
	if len(names) == 0 {
		return nil
	}
	dir := x.h.Paths.generation(x.p.Generation)
	err := x.h.Verify(ctx, filepath.Join(dir, "units"), names)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("systemd refuses the rendered units: %w", err)
	if x.p.store {
		err = errors.Join(err, os.RemoveAll(dir)) // nobody will ever apply it
	}
	return err
}
