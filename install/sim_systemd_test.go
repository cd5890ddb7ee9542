package install

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

func (s *sim) unit(name string) *Unit {
	if s.units[name] == nil {
		s.units[name] = &Unit{Name: name, Load: "loaded", Active: "inactive"}
	}
	return s.units[name]
}

// What a template says of its processes: they end at once, or never answer.
const (
	crashes = "crashes"
	mute    = "mute"
)

// stays is a job's error where the process did not stay up.
func (s *sim) stays(unit string, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.unit(unit).Crashing() {
		return errors.New("the job's result is failed")
	}
	return err
}

// connect fails where a unit on that port runs and does not listen.
func (s *sim) connect(address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, port, _ := strings.Cut(address, ":")
	for name, u := range s.units {
		if strings.Contains(name, "@"+port+".") && u.Active == "active" && s.saidAtStart[u.MainPID] == mute {
			return errors.New("connection refused")
		}
	}
	return nil
}

// busySocket says that a socket unit cannot be opened: its service runs.
func (s *sim) busySocket(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, ok := strings.CutSuffix(name, ".socket")
	return ok && strings.Contains(name, "@") && s.unit(name).Active != "active" && s.unit(service+".service").Active == "active"
}

// socketTaken says that an instance would bind an address that a socket unit
// holds.
func (s *sim) socketTaken(name, template string) bool {
	socket := strings.TrimSuffix(name, ".service") + ".socket"
	return strings.HasSuffix(name, ".service") && s.unit(socket).Active == "active" && !strings.Contains(template, "on sockets")
}

// portTaken says that another unit's process listens on an instance's port.
func (s *sim) portTaken(name string) bool {
	_, port, _ := strings.Cut(name, "@")
	for other, u := range s.units {
		if other != name && u.Active == "active" && strings.HasSuffix(other, "@"+port) {
			return true
		}
	}
	return false
}

func (s *sim) start(name string) {
	u := s.unit(name)
	if u.Active == "active" {
		return
	}
	u.Active, u.Sub = "active", ""
	if strings.HasSuffix(name, ".socket") {
		s.opened[name] = s.loaded[name]
	}
	text := s.loaded[template(name)]
	release := s.releaseOf(name)
	if _, err := os.Stat(filepath.Join(release, crashes)); err == nil {
		text += crashes
	}
	if strings.Contains(name, "@") && (strings.Contains(text, crashes) || s.portTaken(name) || s.socketTaken(name, text)) {
		u.Active, u.Sub, u.Result, u.ExitStatus = "activating", "auto-restart", "exit-code", 3
		return
	}
	if name == socketUnit || name == proxyUnit {
		s.openListeners()
	}
	if !strings.HasSuffix(name, ".service") {
		return
	}
	s.nextPID++
	u.MainPID = s.nextPID
	s.hash[u.MainPID] = fakeHash(s.loaded[template(name)])
	s.release[u.MainPID] = release
	if strings.Contains(text, mute) {
		s.saidAtStart[u.MainPID] = mute
	}
	if name == proxyUnit {
		s.hash[u.MainPID] = fakeHash(s.loaded[proxyDropIn])
		s.readConfig()
	}
}

// releaseOf is where an instance's link leads now, "" where it has none.
func (s *sim) releaseOf(unit string) string {
	app, inst, _ := strings.Cut(strings.TrimSuffix(unit, ".service"), "@")
	target, err := os.Readlink(filepath.Join(s.host.Paths.Releases(app), inst))
	if err != nil {
		return ""
	}
	return target
}

// openListeners opens what the loaded drop-in names.
func (s *sim) openListeners() {
	for _, name := range strings.Fields(s.loaded[proxyDropIn]) {
		if unit := "webstack-" + name + ".socket"; s.loaded[unit] != "" {
			s.unit(unit).Active = "active"
		}
	}
}

func (s *sim) stop(name string) {
	u := s.unit(name)
	u.Active, u.Sub, u.MainPID = "inactive", "", 0
	if name == proxyUnit {
		s.serving = 0
		s.drained = map[string]string{}
	}
	if name == socketUnit {
		s.stop(proxyUnit)
		for other := range s.units {
			if strings.HasPrefix(other, "webstack-") {
				s.units[other].Active = "inactive"
			}
		}
	}
}

func template(unit string) string {
	name, _, ok := strings.Cut(unit, "@")
	if !ok {
		return unit
	}
	return name + "@.service"
}

// reloadUnits reads the unit folder as systemd does.
func (s *sim) reloadUnits() {
	s.loaded, s.told = map[string]string{}, maps.Clone(s.enabled)
	err := filepath.WalkDir(s.host.Paths.Units, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.host.Paths.Units, path)
		s.loaded[rel] = string(text)
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatalf("the sim cannot read its units: %v", err)
	}
}

// reboot stops everything, reads the units again and starts what is enabled.
func (s *sim) reboot() {
	for name := range s.units {
		s.stop(name)
	}
	s.reloadUnits()
	for name := range s.loaded {
		if strings.Contains(name, "@") && strings.HasSuffix(name, ".socket") && s.enabled["app.target"] {
			s.start(name)
		}
	}
	for name := range s.enabled {
		if s.loaded[name] == "" && name != socketUnit {
			continue // a dangling link
		}
		s.start(name)
		if unit, ok := strings.CutSuffix(name, ".target"); ok {
			text, err := os.ReadFile(filepath.Join(s.host.Paths.Units, name))
			if err != nil {
				s.t.Fatal(err)
			}
			for _, inst := range strings.Fields(string(text)) {
				s.start(unit + "@" + inst + ".service")
			}
		}
	}
}

func fakeHash(content string) string {
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:8])
}
