package http1

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in doc.go instead of comparing it")

// diagram is the lines of doc.go that are written from the tables.
var diagram = regexp.MustCompile(`(?m)(^//\t.*\n)+`)

func renderTable() string {
	var b strings.Builder
	for s := Idle; s < states; s++ {
		var reuse []string
		for side, name := range map[Side]string{Client: "client", Instance: "instance"} {
			if (&Cycle{State: s}).Reusable(side) {
				reuse = append(reuse, name)
			}
		}
		legal := 0
		for e := Event(0); e < events; e++ {
			c := Cycle{State: s, Upgrade: true}
			if c.On(e) {
				fmt.Fprintf(&b, "//\t%-12s %-12s -> %s\n", s, e, c.State)
				legal++
			}
		}
		switch {
		case len(reuse) == 2:
			fmt.Fprintf(&b, "//\t%-12s may begin again, on either side\n", s)
		case len(reuse) == 1:
			fmt.Fprintf(&b, "//\t%-12s may begin again, for the %s\n", s, reuse[0])
		case legal == 0:
			fmt.Fprintf(&b, "//\t%-12s is the end of the connection\n", s)
		}
	}
	return b.String()
}

func TestTheTableInDocIsTheTable(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		text = diagram.ReplaceAllLiteral(text, []byte(renderTable()))
		if err := os.WriteFile("doc.go", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(diagram.Find(text)), renderTable(); got != want {
		t.Errorf("doc.go has\n%swant\n%s(go test ./proxy/http1 -update)", got, want)
	}
}
