package main

import "testing"

func TestQuoteIfSpaced(t *testing.T) {
	for value, want := range map[string]string{
		"app@8020":           "app@8020",
		"café":               "café",
		"":                   `""`,
		"two words":          `"two words"`,
		"a=b":                `"a=b"`,
		`say"so`:             `"say\"so"`,
		"line\nforged line":  `"line\nforged line"`,
		"\x1b]0;title\a":     `"\x1b]0;title\a"`,
		"carriage\rreturned": `"carriage\rreturned"`,
		"\xff\xfe":           `"\xff\xfe"`,
	} {
		if got := quoteIfSpaced(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
