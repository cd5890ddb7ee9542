package sockets

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// socketsOf are the inodes among wanted that a process has open. One that ends
// meanwhile has none.
func socketsOf(proc string, pid int, wanted []string) []string {
	dir := filepath.Join(proc, strconv.Itoa(pid), "fd")
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	var found []string
	for _, name := range names {
		target, err := os.Readlink(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		inode, ok := strings.CutPrefix(target, "socket:[")
		if inode = strings.TrimSuffix(inode, "]"); ok && slices.Contains(wanted, inode) {
			found = append(found, inode)
		}
	}
	return found
}

// Foreign are the inodes that none of the processes has open.
func Foreign(proc string, pids []int, inodes []string) []string {
	left := slices.Clone(inodes)
	for _, pid := range pids {
		if len(left) == 0 {
			return nil
		}
		for _, inode := range socketsOf(proc, pid, left) {
			left = slices.DeleteFunc(left, func(i string) bool { return i == inode })
		}
	}
	return left
}

// Owner names a process that has one of the sockets open, of all that there
// are: "nginx (pid 812)". It is for people: it reads the descriptors of the
// whole machine.
func Owner(proc string, inodes []string) string {
	owner := "another process"
	entries, err := os.ReadDir(proc)
	if err != nil {
		return owner
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || len(socketsOf(proc, pid, inodes)) == 0 {
			continue
		}
		name, err := os.ReadFile(filepath.Join(proc, e.Name(), "comm"))
		if err != nil {
			continue
		}
		owner = strings.TrimSpace(string(name)) + " (pid " + e.Name() + ")"
		if pid != 1 { // which holds the sockets of all its socket units
			return owner
		}
	}
	return owner
}
