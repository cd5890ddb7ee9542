package main

import (
	"os"
	"strings"
)

// bootVariable is where webstack.service passes systemd's %b: its sandbox
// hides the kernel's own word on it.
const bootVariable = "WEBSTACK_BOOT_ID"

// bootID names this boot of the machine, "" where nobody says.
func bootID(getenv func(string) string) string {
	id := getenv(bootVariable)
	if id == "" {
		text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
		if err != nil {
			return ""
		}
		id = string(text)
	}
	// systemd writes it without dashes.
	return strings.ReplaceAll(strings.TrimSpace(id), "-", "")
}
