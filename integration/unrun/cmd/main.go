package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/webstack/webstack/integration/unrun"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: unrun FILE")
		os.Exit(64)
	}
	collected, err := os.ReadFile(os.Args[1])
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "unrun: error:", err)
		os.Exit(1)
	}
	if line := unrun.Summary(string(collected)); line != "" {
		fmt.Println(line)
	}
}
