package install

import (
	"fmt"
	"os"
	"path/filepath"
)

func (x *applier) write(path string) error {
	f, ok := x.d.file(path)
	if !ok {
		return fmt.Errorf("cannot write %s: it is not in the plan's generation", path)
	}
	full := x.h.Paths.place(path)
	if err := makeDirs(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return writeFile(full, []byte(f.Content), 0o644)
}

// delete removes a file and the drop-in folder that it leaves empty.
func (x *applier) delete(path string) error {
	full := x.h.Paths.place(path)
	if err := removeFile(full); err != nil {
		return err
	}
	if isDropIn(path) == 1 && !isRule(path) {
		os.Remove(filepath.Dir(full)) // fails where an operator's drop-in is left, as it should
	}
	return nil
}

// commit makes the generation the current one. Everything that it needs is up.
func (x *applier) commit() error {
	p := x.h.Paths
	if err := p.flipCurrent(x.p.Generation); err != nil {
		return err
	}
	if err := clearPending(p); err != nil {
		return err
	}
	return pruneGenerations(p, x.p.Generation, x.p.Previous, x.a.Serving)
}
