package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheChartIsWellFormedAndHasEachBar(t *testing.T) {
	r := sample()
	drawn := chart(r)
	var bars, texts int
	for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the chart is no XML: %v\n%s", err, drawn)
		}
		if start, ok := token.(xml.StartElement); ok {
			switch start.Name.Local {
			case "rect":
				bars++
			case "text":
				texts++
			}
		}
	}
	// A name and a value for each bar, two groups' titles, and of the chart its
	// title and its last line.
	if bars != 6 || texts != 6*2+2+2 {
		t.Errorf("got %d bars and %d texts, want 6 and 16", bars, texts)
	}
	if !strings.Contains(drawn, "prefers-color-scheme: dark") {
		t.Error("the chart has no dark colours")
	}
}

func TestThePageSaysWhoTookPartAndHow(t *testing.T) {
	got := page(sample())
	for _, want := range []string{
		"- webstack 1; access log: combined\n",
		"- Caddy took no part: there is none\n",
		"| small answer | 11.0 (11.0-12.0) | 15.0 (15.0-16.0) | 15.0 (15.0-15.0) |\n",
		"| small answer | 0.73 (0.73-0.75) | 0.73 (0.73-0.80) |\n",
		"| nginx, tuned | 1000 | 0.30 (0.30-0.30) | 5.3 | 5.0 | 0.0 | 0.0 |\n",
		"| 100 KB answer | HAProxy | cost by cost | 0.75 | 0.86 (0.86-0.89) | not held |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}

func TestTheResultsAreWrittenTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "docs", "bench")
	want := sample()
	if err := writeResults(dir, want); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, documentFile))
	if err != nil {
		t.Fatal(err)
	}
	var got result
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if page(&got) != page(want) || chart(&got) != chart(want) {
		t.Error("the page and the chart of the document differ from those of the run")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 {
		t.Errorf("got %d files, want 3: %v", len(entries), entries)
	}
}
