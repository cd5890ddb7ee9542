package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/importer"
	importload "github.com/webstack/webstack/install/importer/load"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/install/spec/load"
)

// importedFile is where --apply puts the spec, below the folder of specs.
const importedFile = "conf.d/imported.toml"

// usualConfigs are where distributions have the files that are imported where
// none is named.
var usualConfigs = []string{"/etc/nginx/nginx.conf", "/etc/supervisor/supervisord.conf", "/etc/supervisord.conf"}

// importing is what the verb was asked for.
type importing struct {
	etc    string
	report string
	strict bool
	apply  bool
	yes    bool
	opts   importer.Options
}

func newImport(out *console) *cobra.Command {
	i := &importing{}
	c := &cobra.Command{
		Use:     "import [FILE...]",
		GroupID: groupChange,
		Short:   "Make a spec of what nginx and supervisor run",
		Long: `Import reads what a machine runs today and prints one commented spec. Several
files are one deployment: the ports of nginx's upstreams are the programs'
ports. Without a FILE it takes nginx's and supervisor's usual ones.

Every directive is in the report: converted, different in a way that is named,
or not supported. What something protects that a spec cannot say yet is written
as a comment, and a route that refuses stands in its place. Nothing is changed
but with --apply, which shows what would happen and asks.

Exit codes: 0 done, 2 something is left (--strict), 78 a file cannot be read.`,
		Example: `  webstack import > webstack.toml
  webstack import /etc/nginx/nginx.conf /etc/supervisor/supervisord.conf
  webstack import Procfile --user shop --folder /srv/shop --report json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return i.run(cmd.Context(), out, args)
		},
	}
	f := c.Flags()
	f.StringVar(&i.report, "report", "text", "`form` of the report: text (what differs or is left), full, json, none")
	f.BoolVar(&i.strict, "strict", false, "end with 2 where something is left")
	f.BoolVar(&i.apply, "apply", false, "show what it would change, ask, and apply it")
	f.BoolVarP(&i.yes, "yes", "y", false, "do not ask")
	f.StringVar(&i.opts.User, "user", "", "`user` of what names none (www-data)")
	f.StringVar(&i.opts.Folder, "folder", "", "`folder` that a Procfile's commands run in (its own)")
	f.IntVar(&i.opts.PortBase, "port-base", 0, "first `port` of a Procfile's processes (5000)")
	f.StringVar(&i.opts.Prefix, "prefix", "", "nginx's `folder`, for relative roots (/usr/share/nginx)")
	specFlag(c, &i.etc)
	return c
}

func (i *importing) run(ctx context.Context, out *console, args []string) error {
	if !slices.Contains([]string{"text", "full", "json", "none"}, i.report) {
		return usage(fmt.Errorf("there is no report %q", i.report), "text, full, json or none")
	}
	if out.json {
		i.report = "json"
	}
	sources, err := i.sources(args)
	if err != nil {
		return err
	}
	i.opts.Env = environment()
	i.opts.Find = findProgram
	result := importer.Convert(*sources, i.opts)
	if err := i.sound(result); err != nil {
		return err
	}
	switch {
	case i.report == "json":
		err = out.document(newImportDocument(result))
	case !i.apply:
		_, err = fmt.Fprint(out.stdout, result.TOML)
	}
	if err != nil {
		return err
	}
	if i.report == "text" || i.report == "full" {
		out.importReport(result.Report, i.report == "full")
	}
	if i.strict && result.Report.Left() {
		return exit(exitPending) // and nothing of it is applied
	}
	if !i.apply {
		return nil
	}
	return withLock(ctx, func(h *install.Host) error { return i.carry(ctx, out, h, result.TOML) })
}

// sources reads the files that are named, or the usual ones.
func (i *importing) sources(args []string) (*importer.Sources, error) {
	if len(args) == 0 {
		for _, path := range usualConfigs {
			if _, err := os.Stat(path); err == nil {
				args = append(args, path)
			}
		}
		if len(args) == 0 {
			return nil, usage(fmt.Errorf("there is neither of %s", strings.Join(usualConfigs, ", ")), "name the files: webstack import FILE...")
		}
	}
	s := &importer.Sources{}
	files := &importload.Files{}
	for _, arg := range args {
		path, err := filepath.Abs(arg)
		if err != nil {
			return nil, err
		}
		if err := i.source(s, files, path); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// source reads one file, as what it is.
func (i *importing) source(s *importer.Sources, files *importload.Files, path string) error {
	text, err := files.Text(path)
	if err != nil {
		return specError(err, "")
	}
	kind := importer.KindOf(path, text.Data)
	taken := map[importer.Kind]bool{
		importer.KindNginx: s.Nginx != nil, importer.KindSupervisor: s.Supervisor != nil,
		importer.KindProcfile: s.Procfile != nil, importer.KindPM2: s.PM2 != nil,
	}
	if taken[kind] {
		return usage(fmt.Errorf("%s is a second %s", path, kind), "one of each kind makes one deployment: name the file that includes the others")
	}
	switch kind {
	case importer.KindSupervisor:
		s.Supervisor, err = files.Supervisor(path)
	case importer.KindProcfile:
		s.Procfile = text
	case importer.KindPM2:
		s.PM2 = text
	default:
		s.Nginx, err = files.Nginx(path)
	}
	if (kind == importer.KindProcfile || kind == importer.KindPM2) && i.opts.Folder == "" {
		i.opts.Folder = filepath.Dir(path)
	}
	return specError(err, "")
}

// sound holds the result to what `webstack check` asks.
func (i *importing) sound(result *importer.Result) error {
	files := []spec.File{{Name: "webstack.toml", Data: []byte(result.TOML)}}
	parsed, found := spec.Parse(files)
	if len(found) > 0 {
		return fmt.Errorf("cannot convert it: what came of it is no spec: %s", found[0].Message)
	}
	if _, err := install.NewDesired(parsed, files, install.LocalOf(install.DefaultPaths())); err != nil {
		return fmt.Errorf("cannot convert it: what came of it cannot be carried out: %w", err)
	}
	return nil
}

// carry plans with the spec beside what is there, asks, writes it and applies.
func (i *importing) carry(ctx context.Context, out *console, h *install.Host, text string) error {
	path := filepath.Join(i.etc, importedFile)
	old, err := os.ReadFile(path)
	switch {
	case err == nil && string(old) != text:
		return &statusError{code: exitFailed, err: fmt.Errorf("%s exists and stays as it is", path), hint: "move it away, or edit it and webstack apply"}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	files, err := load.Dir(i.etc)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return specError(err, "")
	}
	if old == nil {
		files = append(files, spec.File{Name: path, Data: []byte(text)})
	}
	parsed, err := parseSpec(out, files)
	if err != nil {
		return err
	}
	w, err := planText(ctx, out, h, files, parsed, install.LocalOf(h.Paths))
	if err != nil {
		return err
	}
	if !i.yes && !w.plan.Empty() {
		out.plan(w.plan)
		if err := confirm(ctx, out, fmt.Sprintf("Write %s and do all of this?", path)); err != nil {
			return err
		}
	}
	if err := writeImported(path, text); err != nil {
		return err
	}
	return carryOut(ctx, out, h, w, "Applied", "webstack apply")
}

// writeImported puts the spec where apply finds it from now on, whole or not
// at all.
func writeImported(path, text string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot write %s: %w", path, err)
		}
	}()
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".imported-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where the rename was done
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// environment is this process's, for %(ENV_NAME)s.
func environment() map[string]string {
	env := map[string]string{}
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return env
}

// findProgram is where a program is, "" where it is not on this machine.
func findProgram(name string) string {
	path, err := exec.LookPath(name)
	if err != nil || !filepath.IsAbs(path) {
		return ""
	}
	return path
}
