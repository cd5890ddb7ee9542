package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile puts content at path so that a crash at any moment leaves the old
// file or the new one, never half of one: temp, fsync, rename, fsync of the
// folder.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".webstack-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Chmod(mode)
	}
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// removeFile deletes a file and makes the deletion durable; a file that is
// gone already is fine.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot delete %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// flipLink makes link point at target in one step.
func flipLink(link, target string) error {
	temp := link + ".webstack-new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot flip %s: %w", link, err)
	}
	err := os.Symlink(target, temp)
	if err == nil {
		err = os.Rename(temp, link)
	}
	if err == nil {
		err = syncDir(filepath.Dir(link))
	}
	if err != nil {
		return fmt.Errorf("cannot flip %s to %s: %w", link, target, err)
	}
	return nil
}

// makeDirs creates path and its parents and makes each durable.
func makeDirs(path string, mode fs.FileMode) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	parent := filepath.Dir(path)
	if err := makeDirs(parent, mode); err != nil {
		return err
	}
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot make folder %s: %w", path, err)
	}
	return syncDir(parent)
}

// syncDir makes the names in a folder durable. A folder that is gone has
// nothing to keep.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
