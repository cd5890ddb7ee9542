package spec

// healthTable is [app.NAME.health] and [upstream.NAME.health].
func healthTable(watchdog *Table) *Table {
	return &Table{
		Header: "[app.NAME.health]", Noun: "a health check",
		Doc: "The same in an upstream, without watchdog. Where only the path matters: `health = \"/healthz\"`.",
		Keys: []Key{
			{Name: "path", Type: healthPath(), Otherwise: "connects only", Doc: "What is asked for with GET.", Replaces: []string{"nginx uri"}},
			{Name: "interval", Type: duration(1), Default: `"5s"`, Doc: "The time between two checks of an instance.", Replaces: []string{"nginx interval"}},
			{Name: "timeout", Type: duration(1), Default: `"2s"`, Doc: "For one check, its connect included."},
			{Name: "rise", Type: count(1, maxChecks), Default: `1`, Doc: "So many good checks in a row put an instance back.", Replaces: []string{"nginx passes"}},
			{Name: "fall", Type: count(1, maxChecks), Default: `2`, Doc: "So many bad checks in a row take it out.", Replaces: []string{"nginx fails"}},
			{Name: "status", Type: statusRanges(), Default: `"200-399"`, Doc: "The statuses that are good.", Replaces: []string{"nginx status"}},
			{Name: "host", Type: healthHost(), Otherwise: "the instance's address", Doc: "The Host that is sent."},
			{Name: "body", Type: text(noHolders), Otherwise: "any", Doc: "What the answer must have in its first 64 KB.", Replaces: []string{"nginx body"}},
			{Name: "watchdog", Type: tableOrOff(watchdog, "watchdog", `watchdog = { after = "30s" }`), Otherwise: "off", Doc: "Restarts an instance that is active and fails its check, unless all of the app do.", Replaces: []string{"systemd WatchdogSec"}},
		},
	}
}

// maxChecks bounds rise and fall: more would be an instance that never comes
// back, or never goes.
const maxChecks = 1000

// watchdogTable is watchdog = { ... }.
func watchdogTable() *Table {
	return &Table{
		Header: "watchdog = { ... }", Noun: "a watchdog",
		Doc: "In `[app.NAME.health]`.",
		Keys: []Key{
			{Name: "after", Type: duration(1), Default: `"30s"`, Doc: "For how long the check must have failed."},
			{Name: "limit", Type: count(1, maxChecks), Default: `5`, Doc: "Restarts of one instance in an hour, at most."},
		},
	}
}

// deployTable is [app.NAME.deploy].
func deployTable() *Table {
	return &Table{
		Header: "[app.NAME.deploy]", Noun: "a deploy",
		Doc: "How `webstack deploy NAME --release DIR` rolls out.",
		Keys: []Key{
			{Name: "before", Type: command(noHolders), Doc: "A command that runs once, in the new release and as the app's user, before anything is switched: migrations. It takes no placeholders; one that fails ends the deploy."},
			{Name: "canary", Type: count(1, maxInstances), Default: `1`, Doc: "How many instances are switched first."},
			{Name: "watch", Type: duration(0), Default: `"30s"`, Doc: "How long they are watched before the others follow."},
			{Name: "keep", Type: count(1, maxCount), Default: `5`, Doc: "How many releases stay on the disk. Older ones that were deployed, and lie beside the current one, are deleted."},
		},
	}
}

// changeTable is one table in on_change.
func changeTable() *Table {
	return &Table{
		Header: "on_change = [{ ... }]", Noun: "a hook",
		Doc: "Told of every event by the agent: exactly one of command and url. A string alone is one of the two.",
		Keys: []Key{
			{Name: "command", Type: command(noHolders), Doc: "Run as the agent's user, with the event as JSON on its standard input."},
			{Name: "url", Type: webAddress(), Secret: true, Doc: "Posted to, with the event as JSON. Whoever may read the spec can read it, and besides those the agent alone: a secret in it needs a spec that others cannot read."},
			{Name: "timeout", Type: duration(1), Default: `"10s"`, Doc: "For one call."},
			{Name: "min_interval", Type: duration(0), Default: `"1s"`, Doc: "The least time between two; what happens meanwhile is counted and told with the next."},
		},
	}
}
