package readiness

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// clearing is how many names of a folder are read at a time, so that neither
// many files nor deep folders cost memory.
const clearing = 256

// remove removes a folder of somebody who may not be well-meaning, with all
// that he has put there. Its path is root's. Where folders lie within folders,
// the inner ones are brought up: however deep he has nested them, one
// descriptor is open at a time and no path is long, where os.RemoveAll has one
// open for each level and fails at the limit of the unit's (LimitNOFILE=). No
// link is followed (os.Root).
func remove(path string) error {
	err := os.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer root.Close()
	for brought := 0; ; {
		names, err := some(root, ".")
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return os.Remove(path)
		}
		var stuck error
		gone := 0
		for _, name := range names {
			err := root.Remove(name)
			if err != nil {
				err = bringUp(root, name, &brought)
			}
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				gone++
			} else {
				stuck = err
			}
		}
		if gone == 0 {
			return stuck // what is mounted there, for instance
		}
	}
}

// some are the first names of a folder.
func some(root *os.Root, name string) ([]string, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY, 0) // and wait for no FIFO
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(clearing)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

// bringUp moves what is in a folder of the root into the root, under names that
// count on. A name that is taken is passed over.
func bringUp(root *os.Root, name string, brought *int) error {
	inner, err := some(root, name)
	if err != nil {
		return err
	}
	for _, one := range inner {
		if err := root.Remove(name + "/" + one); err == nil || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for {
			to := fmt.Sprintf(".%d", *brought)
			*brought++
			if _, err := root.Lstat(to); err == nil {
				continue
			}
			if err := root.Rename(name+"/"+one, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			break
		}
	}
	return nil
}
