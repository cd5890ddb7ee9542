package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The results' files, in their folder.
const (
	pageFile     = "results.md"
	documentFile = "results.json"
	chartFile    = "chart.svg"
)

// page is the result for people.
func page(r *result) string {
	var b strings.Builder
	b.WriteString("# Measured\n\n<!-- Written by `make bench`. -->\n\n")
	fmt.Fprintf(&b, "![CPU microseconds for one request, by proxy](%s)\n\n", chartFile)
	m := r.Machine
	fmt.Fprintf(&b, "On %s, with %s of %d cores (%s), Linux %s, %s, on %s. Rounds for each case: %d, of %d s; in each round one proxy after the other. ",
		orUnknown(m.Virtual, "a machine"), m.CPU, m.Cores, m.Go, m.Kernel, m.Distro, r.Date, r.Rounds, r.Seconds)
	fmt.Fprintf(&b, "All run in one network namespace: the proxy on one core, wrk %s and an application of eight listeners on another. "+
		"The cost is what the kernel accounts to the proxy's threads (`schedstat`), by the number of answered requests; a request's head has %d octets.\n\n",
		m.Wrk, len(cases()[0].wire()))
	for _, c := range r.Contenders {
		switch {
		case c.Missing != "":
			fmt.Fprintf(&b, "- %s took no part: %s\n", c.Title, firstLine(c.Missing))
		default:
			fmt.Fprintf(&b, "- %s %s; access log: %s\n", c.Title, c.Version, c.Log)
		}
	}
	fmt.Fprintf(&b, "\nTheir configs are in `integration/bench/configs`. nginx, tuned, keeps files open (`open_file_cache`), defers accepts, and its buffers hold the answers; "+
		"nginx, untuned, has the directives of a common tutorial and nginx's defaults for the rest. "+
		"HAProxy defers accepts and splices. The bare system calls are a relay that receives and sends what a proxy does and looks at none of it: the floor.\n")
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", t.title, t.about)
		b.WriteString(markdown(t))
	}
	return b.String()
}

func markdown(t table) string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line(t.head)
	b.WriteString("|" + strings.Repeat("---|", len(t.head)) + "\n")
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

func orUnknown(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// writeResults replaces the files in the folder, each in one step.
func writeResults(dir string, r *result) error {
	document, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write the results: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot write the results: %w", err)
	}
	for name, text := range map[string]string{
		pageFile: page(r), documentFile: string(document) + "\n", chartFile: chart(r),
	} {
		if err := replaceFile(filepath.Join(dir, name), text); err != nil {
			return fmt.Errorf("cannot write the results: %w", err)
		}
	}
	return nil
}

func replaceFile(file, text string) error {
	next, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // a no-op once it is renamed
	if _, err := next.WriteString(text); err != nil {
		next.Close()
		return err
	}
	if err := next.Chmod(0o644); err != nil {
		next.Close()
		return err
	}
	if err := next.Sync(); err != nil {
		next.Close()
		return err
	}
	if err := next.Close(); err != nil {
		return err
	}
	return os.Rename(next.Name(), file)
}
