package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// versionTimeout bounds the question for a version.
const versionTimeout = 10 * time.Second

// says asks a program with the arguments and takes the word behind mark.
func says(mark string, args ...string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, program string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, versionTimeout)
		defer cancel()
		// wrk answers -v and fails: what counts is what it says.
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		_, rest, found := strings.Cut(string(out), mark)
		words := strings.Fields(rest)
		if !found || len(words) == 0 {
			return "", fmt.Errorf("cannot ask %s for its version: %q, %w", program, out, err)
		}
		return words[0], nil
	}
}

// builtFrom reads the version of a module out of a Go program.
func builtFrom(module string) func(context.Context, string) (string, error) {
	return func(_ context.Context, program string) (string, error) {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return "", fmt.Errorf("cannot tell what %s was built from: %w", program, err)
		}
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module {
				return m.Version, nil
			}
		}
		return "", fmt.Errorf("%s was not built from %s", program, module)
	}
}
