// Package packaging_test holds what is shipped to systemd's own judgement.
package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/integration/unrun"
)

// maxExposure is in tenths, as systemd-analyze security takes its threshold.
const maxExposure = "18"

// shippedUnits writes the units as `make install` does, with a program that
// exists, since systemd-analyze looks for it.
func shippedUnits(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "webstack")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	units, err := filepath.Glob("systemd/webstack*")
	if err != nil || len(units) == 0 {
		t.Fatalf("there are no units in systemd: %v", err)
	}
	for _, path := range units {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		installed := strings.ReplaceAll(string(content), "@bindir@", dir)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte(installed), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func analyze(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		unrun.Skip(t, "systemd-analyze is not installed")
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "SYSTEMD_LOG_COLOR=0")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestSystemdAcceptsTheShippedUnits(t *testing.T) {
	dir := shippedUnits(t)
	out, err := analyze(t, dir, "verify", "--man=no",
		filepath.Join(dir, "webstack.service"), filepath.Join(dir, "webstack.socket"), filepath.Join(dir, "webstack-agent.service"))
	// An unknown key is told on stderr, with exit status 0.
	if err != nil || out != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestProxyAndAgentAreConfined(t *testing.T) {
	dir := shippedUnits(t)
	for _, unit := range []string{"webstack.service", "webstack-agent.service"} {
		out, err := analyze(t, dir, "security", "--no-pager", "--offline=true", "--threshold="+maxExposure, filepath.Join(dir, unit))
		if err != nil {
			t.Errorf("systemd-analyze security %s: %v\n%s", unit, err, out)
		}
	}
}
