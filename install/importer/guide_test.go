package importer_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/importer"
)

const guide = "../../docs/migration.md"

// TestTheGuidesTablesAreTheImporters: what the guide says of a directive is
// what the importer says.
func TestTheGuidesTablesAreTheImporters(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for _, name := range []string{"nginx", "supervisor", "pm2"} {
		between := regexp.MustCompile(fmt.Sprintf(`(?s)(<!-- begin %s: [^\n]*\n).*?(<!-- end %s -->)`, name, name))
		if !between.MatchString(want) {
			t.Fatalf("%s has no place for the table of %s", guide, name)
		}
		table := strings.ReplaceAll(importer.Guide(name), "$", "$$")
		want = between.ReplaceAllString(want, "${1}\n"+table+"\n${2}")
	}
	if *update {
		if err := os.WriteFile(guide, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the importer's tables say (go test ./install/importer -update writes it)", guide)
	}
}

// TestNoDirectiveIsInTheTableTwice: the first row would hold, and the second
// be a lie in the guide.
func TestNoDirectiveIsInTheTableTwice(t *testing.T) {
	for _, rows := range [][]importer.Row{importer.NginxTable(), importer.SupervisorTable(), importer.PM2Table()} {
		seen := map[string]bool{}
		for _, r := range rows {
			if r.Outcome != importer.Converted && r.Note == "" {
				t.Errorf("%s is %s without a word", r.Names, r.Outcome)
			}
			for name := range strings.FieldsSeq(r.Names) {
				if seen[name] {
					t.Errorf("%s is there twice", name)
				}
				seen[name] = true
			}
		}
	}
}
