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

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/install/importer/supervisor"
)

// Limits of what is read, so that a wrong path is an error at once and not a
// full memory.
const (
	// maxFileBytes is the largest file.
	maxFileBytes = 4 << 20
	// maxFiles is how many files one import reads.
	maxFiles = 5000
)

// Files reads the files of an import.
type Files struct {
	// Root is put before every absolute path: the folder of an image, or "".
	Root string
	read int
}

// Nginx reads nginx.conf. Relative includes are below the file's own folder,
// which is nginx's conf-path.
func (f *Files) Nginx(path string) (*nginx.Config, error) {
	text, err := f.text(path)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	return nginx.Read(nginx.Text{Name: path, Data: text}, func(pattern string) ([]nginx.Text, error) {
		return included[nginx.Text](f, folder, pattern)
	}), nil
}

// Supervisor reads supervisord.conf. Relative includes are below its folder.
func (f *Files) Supervisor(path string) (*supervisor.Config, error) {
	text, err := f.text(path)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	return supervisor.Read(supervisor.Text{Name: path, Data: text}, func(pattern string) ([]supervisor.Text, error) {
		return included[supervisor.Text](f, folder, strings.ReplaceAll(pattern, "%(here)s", folder))
	}), nil
}

// included reads what the pattern of an include names, up to the first file
// that cannot be read.
func included[T ~struct{ Name, Data string }](f *Files, folder, pattern string) ([]T, error) {
	names, err := f.glob(folder, pattern)
	var all []T
	for _, name := range names {
		text, err := f.text(name)
		if err != nil {
			return all, err
		}
		all = append(all, T{Name: name, Data: text})
	}
	return all, err
}

// Text reads one file as it is.
func (f *Files) Text(path string) (*importer.Text, error) {
	text, err := f.text(path)
	if err != nil {
		return nil, err
	}
	return &importer.Text{Name: path, Data: text}, nil
}

// glob is what a pattern of an include names, in byte order. A name without a
// pattern must be there, as for nginx.
func (f *Files) glob(folder, pattern string) ([]string, error) {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(folder, pattern)
	}
	if !strings.ContainsAny(pattern, `*?[`) {
		return []string{pattern}, nil
	}
	names, err := filepath.Glob(filepath.Join(f.Root, pattern))
	if err != nil {
		return nil, fmt.Errorf("it is no pattern: %w", err)
	}
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], strings.TrimSuffix(f.Root, "/"))
	}
	slices.Sort(names)
	return names, nil
}

// text reads one file.
func (f *Files) text(path string) (string, error) {
	if f.read++; f.read > maxFiles {
		return "", fmt.Errorf("cannot read %s: more than %d files are included", path, maxFiles)
	}
	// O_NONBLOCK: open(2) of a fifo waits for a writer without it.
	file, err := os.OpenFile(filepath.Join(f.Root, path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("cannot read %s: it is not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("cannot read %s: %w", path, reason(err))
	case len(data) > maxFileBytes:
		return "", fmt.Errorf("cannot read %s: it has more than %d bytes; is it the right file?", path, maxFileBytes)
	}
	return string(data), nil
}

// reason is the cause alone: the path is in the sentence already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
