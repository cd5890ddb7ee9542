package load

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/webstack/webstack/install/spec"
)

// Limits of what is read, so that a wrong path (a log, a disk image) is an
// error at once and not a full memory.
const (
	// MaxFileBytes is the largest file: several thousand sites.
	MaxFileBytes = 1 << 20
	// MaxFiles is how many files a folder may have.
	MaxFiles = 1000
)

// mainFile is the one file that must be there.
const mainFile = "webstack.toml"

// Dir reads the spec in a folder, usually /etc/webstack: webstack.toml, then
// conf.d/*.toml, then override.d/*.toml, each in byte order of the names. The
// files are named as the folder is: "/etc/webstack/conf.d/shop.toml". A folder
// without a conf.d or override.d has none; webstack.toml may be missing where
// conf.d has a file.
func Dir(root string) ([]spec.File, error) {
	var files []spec.File
	main, err := read(filepath.Join(root, mainFile), false)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing:
	case err != nil:
		return nil, err
	default:
		files = append(files, main)
	}
	for _, part := range []struct {
		folder   string
		override bool
	}{{"conf.d", false}, {"override.d", true}} {
		names, err := list(filepath.Join(root, part.folder))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			f, err := read(name, part.override)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
		if part.folder == "conf.d" && missing && len(files) == 0 {
			return nil, fmt.Errorf("cannot read the spec: there is no %s: %w; `webstack init` makes a first one", filepath.Join(root, mainFile), fs.ErrNotExist)
		}
	}
	if len(files) > MaxFiles {
		return nil, fmt.Errorf("cannot read the spec: %s has %d files, and %d are the most", root, len(files), MaxFiles)
	}
	return files, nil
}

// File reads a spec of one file, for `webstack check FILE` and
// `webstack serve --foreground FILE`.
func File(path string) ([]spec.File, error) {
	f, err := read(path, false)
	if err != nil {
		return nil, err
	}
	return []spec.File{f}, nil
}

// list is the *.toml files of a folder in byte order; hidden files, which
// editors leave behind, are not among them. An absent folder has none.
func list(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read the spec: folder %s: %w", folder, reason(err))
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".toml") && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

// read reads one file.
func read(path string, override bool) (spec.File, error) {
	// O_NONBLOCK: open(2) of a fifo waits for a writer without it. It has no
	// effect on a regular file.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return spec.File{}, fmt.Errorf("cannot read the spec: file %s: %w", path, reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return spec.File{}, fmt.Errorf("cannot read the spec: file %s: %w", path, reason(err))
	case info.IsDir():
		return spec.File{}, fmt.Errorf("cannot read the spec: %s is a folder, not a file", path)
	case !info.Mode().IsRegular():
		return spec.File{}, fmt.Errorf("cannot read the spec: %s is not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	switch {
	case err != nil:
		return spec.File{}, fmt.Errorf("cannot read the spec: file %s: %w", path, reason(err))
	case len(data) > MaxFileBytes:
		return spec.File{}, fmt.Errorf("cannot read the spec: %s has more than %d bytes; is it the right file?", path, MaxFileBytes)
	}
	return spec.File{Name: path, Data: data, Override: override}, nil
}

// reason is the cause alone: the path is in the sentence already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
