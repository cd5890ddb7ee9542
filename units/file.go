package units

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// mark begins each file that webstack writes, and no other.
const mark = "# Written by webstack"

// HashVariable is the environment variable of an instance that holds the
// hash of the template that it was started from.
const HashVariable = "WEBSTACK_UNIT_HASH"

const (
	hashLine = "Environment=" + HashVariable + "="
	// hashDigits of a SHA-256 are kept: 64 bits tell two versions of one file
	// apart, and nobody gains by making them collide.
	hashDigits = 16
)

// Managed reports whether content is a file that webstack wrote.
func Managed(content string) bool {
	first, _, _ := strings.Cut(content, "\n")
	rest, ok := strings.CutPrefix(first, mark)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '.')
}

// HashOf is the [File.Hash] of content: of what systemd reads, so that a
// comment changes nothing (an app that moves to another file of the spec goes
// on running).
func HashOf(content string) string {
	h := sha256.New()
	for l := range strings.Lines(content) {
		if !strings.HasPrefix(l, hashLine) && !strings.HasPrefix(l, "#") {
			h.Write([]byte(l))
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:hashDigits]
}
