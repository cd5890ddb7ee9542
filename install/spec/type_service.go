package spec

import (
	"slices"
	"strings"
)

// ownedKeys are the [Service] keys that webstack writes, with the key of an
// app that sets each, or "" for none.
func ownedKeys() map[string]string {
	return map[string]string{
		"ExecStart": "command", "ExecStartPost": "", "ExecStop": "", "User": "user", "Group": "group",
		"Environment": "env", "EnvironmentFile": "env_file", "PassEnvironment": "env", "UnsetEnvironment": "env",
		"Restart": "restart", "RestartSec": "restart_delay", "RestartSteps": "restart_delay", "RestartMaxDelaySec": "restart_delay",
		"RestartMode": "restart", "RestartPreventExitStatus": "restart", "RestartForceExitStatus": "restart",
		"WorkingDirectory": "directory", "LoadCredential": "credentials", "UMask": "umask", "Nice": "nice",
		"StandardOutput": "stdout", "StandardError": "stderr", "TimeoutStartSec": "start_timeout", "TimeoutStopSec": "stop_timeout",
		"TimeoutSec": "start_timeout and stop_timeout", "KillSignal": "stop_signal", "KillMode": "stop_kill", "SuccessExitStatus": "success_exit",
		"MemoryMax": "limits.memory", "CPUQuota": "limits.cpu", "TasksMax": "limits.tasks", "LimitNOFILE": "limits.open_files",
		"Slice": "unit", "Sockets": "bind",
	}
}

// serviceKeys are [Service] keys verbatim.
func serviceKeys() Type {
	scalar := object{"type": []any{"string", "number", "boolean"}}
	return Type{
		Says: "a table of [Service] keys",
		schema: object{
			"type": "object", "propertyNames": object{"pattern": "^[A-Z][A-Za-z0-9]*$"},
			"additionalProperties": object{"anyOf": []any{scalar, object{"type": "array", "items": scalar}}},
		},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != tableKind {
				return c.wrong(k, n, `write service = { PrivateTmp = true }`)
			}
			for _, e := range n.entries {
				if !c.misplaced(n, e) {
					e.value, e.ok = c.serviceKey(k, e)
					e.checked = true
				}
			}
			return n, true
		},
	}
}

func (c *checker) serviceKey(k *Key, e *node) (any, bool) {
	legal := e.name != "" && 'A' <= e.name[0] && e.name[0] <= 'Z'
	for i := 0; i < len(e.name); i++ {
		legal = legal && (isLetter(e.name[i]) || isDigit(e.name[i]))
	}
	ours, owned := ownedKeys()[e.name]
	switch {
	case !legal:
		c.fail(e.key, "they are written as in systemd.service(5): PrivateTmp", "%s is not a key of [Service]", quote(clip(e.name)))
		return nil, false
	case owned && ours == "":
		c.fail(e.key, "webstack gates start and stop with it; ExecStartPre and ExecStopPost are free", "service sets %s, which webstack writes itself", e.name)
		return nil, false
	case owned:
		c.fail(e.key, "set "+ours+" of the app", "service sets %s, which webstack writes itself", e.name)
		return nil, false
	}
	items := []*node{e}
	if e.kind == listKind {
		items = e.items
	}
	values := make([]string, 0, len(items))
	e2 := *k
	e2.Name = "service." + e.name
	for _, item := range items {
		switch {
		case slices.Contains([]kind{integerKind, floatKind, boolKind}, item.kind):
		case item.kind != textKind:
			c.fail(item.at, "write a string, a number, true or false, or a list of them", "%s is %s", e2.Name, written(item))
			return nil, false
		default:
			if _, ok := c.plain(&e2, item); !ok {
				return nil, false
			}
			if strings.HasSuffix(item.text, `\`) {
				c.fail(item.at, "", `%s ends in "\", which would draw the next line of the unit into it`, e2.Name)
				return nil, false
			}
		}
		values = append(values, item.text)
	}
	return values, true
}
