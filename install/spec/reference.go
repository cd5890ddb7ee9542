package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reference is the reference of the spec in Markdown: every table and key,
// made from the table that parses them, and the mapping from other software.
func Reference() string {
	s := newSchema()
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, t := range s.tables() {
		if t != s.root {
			writeTable(&b, t, t == s.site)
		}
	}
	writeNext(&b, s)
	b.WriteString(referenceRules)
	writeMapping(&b, s, "Supervisor", "supervisor")
	writeMapping(&b, s, "nginx", "nginx")
	writeMapping(&b, s, "systemd", "systemd")
	b.WriteString(referenceSeed)
	return b.String()
}

// writeTable writes one table's keys; a site's without those of its routes.
func writeTable(b *strings.Builder, t *Table, site bool) {
	fmt.Fprintf(b, "\n## `%s`\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", t.Header, t.Doc)
	for _, k := range t.Keys {
		if k.Status == Next || site && k.Inherited {
			continue
		}
		name := "`" + k.Name + "`"
		if k.Inherited && strings.HasPrefix(t.Header, "[site") {
			name += " S"
		}
		meaning := k.Doc
		if k.For != "" {
			meaning += " For routes with " + strings.ReplaceAll(k.For, " ", " or ") + "."
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, cell(k.Type.Says), defaultCell(k), cell(meaning))
	}
}

// defaultCell says what holds without a key.
func defaultCell(k Key) string {
	switch {
	case k.Required:
		return "required"
	case k.Otherwise != "":
		return cell(k.Otherwise)
	case k.Default == "":
		return "-"
	}
	return "`" + k.Default + "`"
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// writeNext lists the keys that are reserved.
func writeNext(b *strings.Builder, s *schema) {
	b.WriteString("\n## Not in this version\n\nThese keys are reserved. A value that turns them off (`0`, `\"\"`, `\"off\"`, `false`, `[]`) is taken, any other is an error, so that nobody believes that they work.\n\n| table | keys |\n|---|---|\n")
	for _, t := range s.tables() {
		var names []string
		for _, k := range t.Keys {
			if k.Status == Next && (t != s.site || !k.Inherited) {
				names = append(names, "`"+k.Name+"`")
			}
		}
		if names != nil {
			fmt.Fprintf(b, "| `%s` | %s |\n", t.Header, strings.Join(names, " "))
		}
	}
	b.WriteString("\nReserved values: `balance = \"hash\"`.\n")
}

// writeMapping writes what another software's keys are called here.
func writeMapping(b *strings.Builder, s *schema, title, who string) {
	type row struct{ theirs, ours string }
	var rows []row
	for _, t := range s.tables() {
		for _, k := range t.Keys {
			for _, r := range k.Replaces {
				if by, theirs, _ := strings.Cut(r, " "); by == who {
					ours := fmt.Sprintf("`%s` of `%s`", k.Name, t.Header)
					if k.Status == Next {
						ours += " (not in this version)"
					}
					rows = append(rows, row{theirs, ours})
				}
			}
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(x.theirs, y.theirs) })
	fmt.Fprintf(b, "\n## From %s\n\n| %s | webstack |\n|---|---|\n", title, title)
	for i, r := range rows {
		if i > 0 && rows[i-1].theirs == r.theirs {
			r.theirs = ""
		} else {
			r.theirs = "`" + r.theirs + "`"
		}
		fmt.Fprintf(b, "| %s | %s |\n", r.theirs, r.ours)
	}
}

const referenceHead = `# The spec

<!-- Generated from the table of keys by "go test ./install/spec -update". Do not edit. -->

What the operator writes: ` + "`/etc/webstack/webstack.toml`" + ` and ` + "`conf.d/*.toml`" + ` beside it. ` + "`webstack check`" + ` reads it and names every mistake with its place and remedy; ` + "`webstack schema`" + ` prints a JSON schema of it for editors.
`

const referenceRules = `
## Rules

- **Files**: ` + "`webstack.toml`, then `conf.d/*.toml`, then `override.d/*.toml`" + `, each in byte order of the names, merge table by table. The same key in two files is an error that names both places; only a file in override.d may replace one. ` + "`webstack cat`" + ` shows where each value is from.
- **Names** of apps, sites, upstreams and units: letters, digits, ` + "`_`" + ` and single ` + "`-`" + ` between them, 64 bytes at most. Units of the system (` + "`getty`, `ssh`, `dbus`, `systemd-*`" + ` ...) and webstack's own are refused.
- **Durations**: a whole number and one of ` + "`ms s m h d`" + `, in quotes. **Sizes**: a whole number and one of ` + "`B KB MB GB TB`" + `, powers of 1024, in quotes. A bare number is an error that names the unit. ` + "`\"\"`, `[]`, `\"off\"` and `0`" + ` turn a key off where that means something.
- A list of strings may be written as one string.
- **Placeholders** in command, address, env, stdout and stderr: ` + "`{port} {instance} {credentials}`, and `{socket}` with `address = \"unix\"`" + `; in redirect and header values: ` + "`{uri} {path} {query} {host} {scheme} {client_ip}`" + `. ` + "`{{` is a `{`, and a `}`" + ` outside of a placeholder is itself. Unknown ones are errors. ` + "`%` and `$` are literal in command and env; `%`" + ` is systemd's specifier in service.
- **Inheritance**: built in, then site, then route; an app takes what ` + "`like`" + ` lends from the app that it names. Values and lists replace; env, credentials, limits and header tables merge by name.
- **Routes**: a key matches whole segments and the longest wins. ` + "`/api` is /api and below, never /apiary; `/api/` is below only; `\"= /x\"`" + ` is exactly that. Paths are compared decoded, with ` + "`.`, `..`" + ` and double slashes resolved.
- **Listeners**: a bare port is every IPv4 address. ` + "`[::]:80`" + ` is every IPv6 address, and no IPv4 one. A port of every address and the same port of one address cannot be open together; the kernel refuses the second, and so does ` + "`webstack check`" + `.
- **files** is nginx's alias: the path behind the route's own is looked up below the folder, and never outside of it. ` + "`\"/static\"` with `files = \"/x/static/\"`" + ` is refused all the same: in nginx that pair lets ` + "`/static../secret`" + ` out of the folder, and the remedy, ` + "`\"/static/\"`" + `, costs nothing. A folder that holds an app's ` + "`directory`" + ` is refused too: it would hand out the source.
`

const referenceSeed = `
## The deployment that webstack began with, line by line

| there | here |
|---|---|
| ` + "`upstream tornados { server 127.0.0.1:8020; ... }`" + ` | ` + "`ports = \"8020-8027\"`" + ` of the app: its instances are the upstream |
| ` + "`proxy_next_upstream error`" + ` | ` + "`retry = \"error\"`" + `, the default |
| ` + "`listen 8081`" + ` | ` + "`listen = 8081`" + ` |
| ` + "`location /static/ { alias /home/ly/analysisweb/static/; expires 24h; }`" + ` | ` + "`routes.\"/static/\" = { files = \"/home/ly/analysisweb/static/\", expires = \"24h\" }`" + ` |
| ` + "`location / { proxy_pass http://tornados; }`" + ` | ` + "`routes.\"/\" = { app = \"analysisweb\" }`" + ` |
| ` + "`proxy_pass_header Server`" + ` | always: the app's Server is passed |
| ` + "`proxy_set_header Host $http_host`" + ` | always: Host goes on as the client sent it |
| ` + "`proxy_set_header X-Real-IP $remote_addr`" + ` | always, with X-Forwarded-For and X-Forwarded-Proto |
| ` + "`proxy_redirect off`" + ` | always: Location is not touched |
| ` + "`[group:tornados] programs=...`" + ` | UNIT.target, made for each app |
| ` + "`[program:tornado-0]`" + ` to ` + "`[program:tornado-7]`" + ` | UNIT@8020.service to UNIT@8027.service, from one ` + "`command`" + ` |
| ` + "`command=python27 app.py --port=8020`" + ` | ` + "`command = \"/usr/bin/python3 app.py --port={port}\"`" + ` |
| ` + "`directory=`, `user=`" + ` | ` + "`directory`, `user`" + ` |
| ` + "`autorestart=true`" + ` | ` + "`restart = \"always\"`" + `, the default |
| ` + "`redirect_stderr=true`" + ` | the default: stderr goes where stdout goes |
| ` + "`stdout_logfile=`" + ` | the journal, or ` + "`stdout = \"/var/log/...\"`" + ` |
| ` + "`loglevel=`" + ` | supervisord's own log; systemd has none to set |
`
