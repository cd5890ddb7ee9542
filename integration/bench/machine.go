package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// describeMachine says what it can find out.
func describeMachine(ctx context.Context) machine {
	m := machine{
		CPU: valueIn("/proc/cpuinfo", "model name", ":"), Distro: strings.Trim(valueIn("/etc/os-release", "PRETTY_NAME", "="), `"`),
		Cores: processors(), Go: runtime.Version(),
	}
	if strings.Contains(" "+valueIn("/proc/cpuinfo", "flags", ":")+" ", " hypervisor ") {
		m.Virtual = "a virtual machine"
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = string(bytes.TrimRight(name.Release[:], "\x00"))
	}
	if version, err := says("wrk ", "-v")(ctx, "wrk"); err == nil {
		m.Wrk = version
	}
	return m
}

// valueIn is that of the first line of the file with the name.
func valueIn(file, name, separator string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, separator)
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// processors of the machine, whatever this process may use of them.
func processors() int {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return 0
	}
	return strings.Count("\n"+string(text), "\nprocessor")
}
