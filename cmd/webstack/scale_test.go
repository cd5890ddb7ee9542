package main

import (
	"strings"
	"testing"
)

func TestHowManyInstancesAreMeant(t *testing.T) {
	for _, c := range []struct {
		text string
		has  int
		want int // 0 for an error
	}{
		{"12", 8, 12},
		{"+2", 8, 10},
		{"-1", 8, 7},
		{"-8", 8, 0},
		{"0", 8, 0},
		{"", 8, 0},
		{"many", 8, 0},
		{"1.5", 8, 0},
	} {
		got, err := newNumber(c.text, c.has)
		if got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q of %d: got %d, %v, want %d", c.text, c.has, got, err, c.want)
		}
	}
}

func TestANegativeNumberIsNoFlag(t *testing.T) {
	for args, want := range map[string]string{
		"scale shop -1":            "scale shop -- -1",
		"--quiet scale shop -1 -q": "--quiet scale shop -q -- -1",
		"scale shop -- -1":         "scale shop -- -1",
		"scale shop +1":            "scale shop +1",
		"logs shop -n -5":          "logs shop -n -5",
		"":                         "",
	} {
		if got := strings.Join(numbersLast(strings.Fields(args)), " "); got != want {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}
