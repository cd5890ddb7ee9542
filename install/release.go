package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// An app that is deployed has a folder of root's own, releases/UNIT below
// Paths.State: for each instance a link by its name to the release that the
// instance belongs to, which its unit has as its working directory, and a
// record. Whatever crashes, comes back on the release of its link; what the
// app's user may write to is never asked.

// recordVersion is the number of the record's format.
const recordVersion = 1

// recordName is no instance's: those have no dot.
const recordName = ".record.json"

// Releases is the record of what an app was deployed.
type Releases struct {
	Version int `json:"version"`
	// Current is the folder that the last deploy which ended brought every
	// instance to.
	Current string `json:"current"`
	// Known are the folders that a deploy has ended with, Current among them,
	// the latest last.
	Known []Release `json:"known"`
	// Pending is a deploy that has begun and not ended, nil for none.
	Pending *PendingDeploy `json:"pending,omitempty"`
}

// Release is one folder that an app ran in.
type Release struct {
	Folder     string    `json:"folder"`
	DeployedAt time.Time `json:"deployed_at"`
	// Ours says that a deploy put it to use, so that another may delete it. What
	// the app ran in before its first is the operator's.
	Ours bool `json:"ours"`
	// Device and Inode tell the folder from another of the same name.
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
}

// PendingDeploy is what a deploy that was killed leaves for the next.
type PendingDeploy struct {
	To string `json:"to"`
	// Todo are the instances, by name, that may still run something else.
	Todo []string `json:"todo"`
	// Back says that it gives back what a failed one has changed.
	Back    bool      `json:"back,omitempty"`
	BeganAt time.Time `json:"began_at"`
}

// Releases is the folder of an app's links.
func (p Paths) Releases(unit string) string { return filepath.Join(p.State, "releases", unit) }

// link is an instance's.
func (p Paths) link(app *App, inst *Instance) string {
	return filepath.Join(p.Releases(app.Unit), inst.Name)
}

// ReadReleases reads an app's record, nil for one that was never deployed.
func ReadReleases(p Paths, unit string) (*Releases, error) {
	path := filepath.Join(p.Releases(unit), recordName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read what was deployed: %w", err)
	}
	var r Releases
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("cannot read what was deployed: %s: %w", path, err)
	}
	if r.Version != recordVersion || r.Current == "" {
		return nil, fmt.Errorf("cannot read what was deployed: %s has format %d, this webstack reads %d", path, r.Version, recordVersion)
	}
	return &r, nil
}

func (r *Releases) write(p Paths, unit string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	dir := p.Releases(unit)
	if err := makeDirs(dir, 0o755); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, recordName), append(text, '\n'), 0o644)
}

// deployedFolder is Paths.Releases for an app that has a record, for
// [Local.Releases].
func (p Paths) deployedFolder(unit string) string {
	if _, err := os.Stat(filepath.Join(p.Releases(unit), recordName)); err != nil {
		return ""
	}
	return p.Releases(unit)
}

// Adopt records the folder that an app runs in as its release, before its
// first deploy. The next apply has its units start from there.
func Adopt(h *Host, app *App) error {
	known, err := knownRelease(app.Directory)
	if err != nil {
		return err
	}
	known.DeployedAt = h.Now().UTC().Truncate(time.Second)
	r := &Releases{Version: recordVersion, Current: app.Directory, Known: []Release{known}}
	return r.write(h.Paths, app.Unit)
}

// knownRelease looks at a folder.
func knownRelease(folder string) (Release, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return Release{}, fmt.Errorf("cannot use %s as a release: %w", folder, err)
	}
	if !info.IsDir() {
		return Release{}, fmt.Errorf("cannot use %s as a release: it is no folder", folder)
	}
	device, inode := identity(info)
	return Release{Folder: folder, Device: device, Inode: inode}, nil
}

// identity tells a folder from every other.
func identity(info fs.FileInfo) (device, inode uint64) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Dev, stat.Ino
	}
	return 0, 0
}

// completed notes that every instance runs a release.
func (r *Releases) completed(release Release) {
	r.Known = slices.DeleteFunc(r.Known, func(k Release) bool {
		if k.Folder == release.Folder {
			release.Ours = release.Ours && k.Ours
		}
		return k.Folder == release.Folder
	})
	r.Known = append(r.Known, release)
	r.Current, r.Pending = release.Folder, nil
}

// Previous is the release that a rollback returns to, "" for none: the latest
// before the current one that is still there.
func (r *Releases) Previous() string {
	for _, k := range slices.Backward(r.Known) {
		if k.Folder == r.Current {
			continue
		}
		if now, err := knownRelease(k.Folder); err == nil && now.Device == k.Device && now.Inode == k.Inode {
			return k.Folder
		}
	}
	return ""
}

// linked is where an instance's link leads, "" where there is none.
func (p Paths) linked(app *App, inst *Instance) string {
	target, err := os.Readlink(p.link(app, inst))
	if err != nil {
		return ""
	}
	return target
}

// linkRelease makes an instance's link lead to a folder, in one step.
func linkRelease(p Paths, app *App, inst *Instance, folder string) error {
	link := p.link(app, inst)
	if err := makeDirs(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	return flipLink(link, folder)
}
