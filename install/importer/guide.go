package importer

import (
	"fmt"
	"strings"
)

// Guide is one of the tables of the migration guide in Markdown: "nginx",
// "supervisor" or "pm2".
func Guide(name string) string {
	var b strings.Builder
	var rows []Row
	switch name {
	case "nginx":
		rows = NginxTable()
	case "supervisor":
		rows = append(SupervisorTable(), sectionRows()...)
	case "pm2":
		rows = PM2Table()
	}
	fmt.Fprintf(&b, "| %s | | webstack | |\n|---|---|---|---|\n", name)
	for _, r := range rows {
		names := make([]string, 0, 4)
		for n := range strings.FieldsSeq(r.Names) {
			names = append(names, "`"+n+"`")
		}
		becomes := r.Becomes
		if becomes == "-" {
			becomes = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.Join(names, " "), r.Outcome, becomes, strings.ReplaceAll(r.Note, "|", `\|`))
	}
	return b.String()
}

// sectionRows are the sections of supervisord.conf as they are written.
func sectionRows() []Row {
	rows := supervisorSections()
	for i := range rows {
		var names []string
		for n := range strings.FieldsSeq(rows[i].Names) {
			names = append(names, "["+n+"]")
		}
		rows[i].Names = strings.Join(names, " ")
	}
	return rows
}
