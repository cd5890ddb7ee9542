package unrun

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Env names the file that collects what could not run.
const Env = "WEBSTACK_UNRUN"

// Skip notes that a test cannot run on this host and why, and skips it.
func Skip(t testing.TB, why string) {
	t.Helper()
	if err := Note(t.Name(), why); err != nil {
		t.Fatal(err)
	}
	t.Skip("not run: " + why)
}

// Note notes that a test cannot run, for a caller that skips by other means.
func Note(test, why string) error {
	path := os.Getenv(Env)
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("cannot note that %s is not run: %w", test, err)
	}
	// One write in append mode is one line, whoever else writes.
	_, err = file.WriteString(test + "\t" + strings.Join(strings.Fields(why), " ") + "\n")
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("cannot note that %s is not run: %w", test, err)
	}
	return nil
}

// Summary is one line that counts and names what the file has collected, by
// reason; "" when there is nothing.
func Summary(collected string) string {
	var reasons []string
	tests := map[string][]string{}
	count := 0
	for line := range strings.Lines(collected) {
		test, why, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue
		}
		if tests[why] == nil {
			reasons = append(reasons, why)
		}
		tests[why] = append(tests[why], test)
		count++
	}
	if count == 0 {
		return ""
	}
	groups := make([]string, len(reasons))
	for i, why := range reasons {
		groups[i] = strings.Join(tests[why], ", ") + " because " + why
	}
	return fmt.Sprintf("not run: %d: %s", count, strings.Join(groups, "; "))
}
