package open

import (
	"errors"
	"strings"

	"github.com/webstack/webstack/proxy/static"
	"golang.org/x/sys/unix"
)

// Fill is the opening of one name away from the loop's thread, for which
// [Cache.Get] found nothing in memory. Make it in the loop's thread, Run it on
// another, and then Put it in the loop's thread again, whether or not somebody
// still waits: it holds descriptors.
type Fill struct {
	asked   int64
	root    *Root
	options *static.Options
	name    string
	found   found
	err     error
}

// NewFill copies the name, which may be a view of a request.
func NewFill(now int64, root *Root, o *static.Options, name string) *Fill {
	return &Fill{asked: now, root: root, options: o, name: strings.Clone(name)}
}

// Run opens. It may block for as long as the disk does.
func (f *Fill) Run() { f.found, f.err = f.root.find(f.options, f.name, fromDisk) }

// content is one open file and its facts.
type content struct {
	fd    int
	facts static.File
}

// found is what a name stands for.
type found struct {
	// folder says that it is a folder; the files are its index's.
	folder bool
	// files are the file and behind it its compressed forms; none for a
	// folder without an index.
	files []content
}

func (f *found) close() {
	for _, c := range f.files {
		unix.Close(c.fd)
	}
	f.files = nil
}

// find opens a name and all that an answer may need with it: the index of a
// folder, and the compressed forms of a file.
func (r *Root) find(o *static.Options, name string, how manner) (found, error) {
	first, err := r.open(name, how)
	if err != nil {
		return found{}, err
	}
	if !first.Dir {
		return r.withForms(o, name, first, how)
	}
	unix.Close(first.FD)
	folder := found{folder: true}
	if o.Index == "" || name != "" && !strings.HasSuffix(name, "/") {
		return folder, nil
	}
	name += o.Index
	index, err := r.open(name, how)
	switch {
	case errors.Is(err, ErrCold), errors.Is(err, ErrBusy):
		return found{}, err
	case err != nil:
		return folder, nil
	case index.Dir:
		unix.Close(index.FD)
		return folder, nil
	}
	f, err := r.withForms(o, name, index, how)
	f.folder = true
	return f, err
}

// withForms adds the compressed forms of an open file. One that cannot be
// opened is not there.
func (r *Root) withForms(o *static.Options, name string, file File, how manner) (found, error) {
	plain := static.Describe(name, false, file.Size, file.ModTime)
	f := found{files: []content{{file.FD, plain}}}
	if !o.Precompressed || plain.AsFolder {
		return f, nil
	}
	for e := static.Gzip; e < static.AllEncodings; e++ {
		form, err := r.open(name+e.Suffix(), how)
		switch {
		case errors.Is(err, ErrCold):
			f.close()
			return found{}, err
		case err != nil:
		case form.Dir:
			unix.Close(form.FD)
		default:
			f.files = append(f.files, content{form.FD, static.DescribeEncoded(name, e, form.Size, form.ModTime)})
		}
	}
	return f, nil
}
