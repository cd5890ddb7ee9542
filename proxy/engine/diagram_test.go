package engine

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the diagram of doc.go anew")

// TestTheDiagramIsTheTable compares the diagram in doc.go with the table that
// the machine goes by, and with what step.go says of each step.
func TestTheDiagramIsTheTable(t *testing.T) {
	const first, last = "closed:\n//\n", "//\n// What it promises"
	doc := readFile(t, "doc.go")
	begin := strings.Index(doc, first) + len(first)
	end := strings.Index(doc, last)
	if begin < len(first) || end < begin {
		t.Fatal("doc.go has no place for the diagram")
	}
	want := diagram(t)
	if doc[begin:end] == want {
		return
	}
	if !*update {
		t.Fatalf("the diagram in doc.go is not that of the table; go test ./proxy/engine -run Diagram -update\nwant:\n%s", want)
	}
	if err := os.WriteFile("doc.go", []byte(doc[:begin]+want+doc[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

func diagram(t *testing.T) string {
	about := sentences(t)
	var b strings.Builder
	for s := range steps {
		name := s.String()
		for _, line := range wrap(about[s], 60) {
			fmt.Fprintf(&b, "//\t%-8s %s\n", name, line)
			name = ""
		}
		var next []string
		for to := range steps {
			if successors[s].has(to) {
				next = append(next, to.String())
			}
		}
		if len(next) > 0 {
			fmt.Fprintf(&b, "//\t  '----> %s\n", strings.Join(next, ", "))
		}
	}
	return b.String()
}

// wrap breaks a text into lines.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > width && line != "" {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// sentences are what the source says of each step.
func sentences(t *testing.T) (list [steps]string) {
	f, err := parser.ParseFile(token.NewFileSet(), "step.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Doc == nil {
			return true
		}
		for s := range steps {
			if name := spec.Names[0].Name; strings.EqualFold(name, "step"+s.String()) {
				text := strings.Join(strings.Fields(spec.Doc.Text()), " ")
				list[s] = strings.TrimSuffix(strings.TrimPrefix(text, name+" "), ".")
			}
		}
		return true
	})
	return list
}

func TestEveryStepHasAWayOutAndIsReached(t *testing.T) {
	reached := set(stepPreface, stepHead) // where connections begin
	for s := range steps {
		reached |= successors[s]
		if successors[s] == 0 && s != stepLinger && s != stepClosed {
			t.Errorf("nothing follows %s", s)
		}
	}
	for s := range stepClosed {
		if !reached.has(s) {
			t.Errorf("nothing leads to %s", s)
		}
	}
}
