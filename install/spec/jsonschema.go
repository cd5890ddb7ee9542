package spec

import (
	"bytes"
	"encoding/json"
)

// schemaDialect is the JSON schema draft that [JSONSchema] is written in.
const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// JSONSchema is the spec's schema, for editors that check TOML by one. It is
// made from the table of keys, so that it knows the keys and their forms; what
// goes beyond one key (a route to no app) only Parse sees.
func JSONSchema() []byte {
	s := newSchema()
	defs := object{
		"app":      s.object(s.app),
		"limits":   s.object(s.limits),
		"upstream": s.object(s.upstream),
		"server":   s.object(s.server),
		"site":     s.object(s.site),
		"route":    s.object(s.route),
		"proxy":    s.object(s.proxy),
		"health":   s.object(s.health),
		"watchdog": s.object(s.watchdog),
		"deploy":   s.object(s.deploy),
		"hook":     s.object(s.change),
	}
	name := object{"pattern": "^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$", "maxLength": maxName}
	root := s.object(s.root)
	properties := root["properties"].(object)
	for _, group := range []string{"app", "upstream", "site"} {
		properties[group] = object{
			"type":                 "object",
			"description":          s.root.must(group).Doc,
			"propertyNames":        name,
			"additionalProperties": definition(group),
		}
	}
	properties["proxy"] = definition("proxy")
	defs["site"].(object)["properties"].(object)["routes"] = object{
		"type":                 "object",
		"description":          s.site.must("routes").Doc,
		"propertyNames":        object{"pattern": "^(= *)?/"},
		"additionalProperties": definition("route"),
	}
	root["$schema"] = schemaDialect
	root["title"] = "webstack.toml"
	root["$defs"] = defs

	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		panic("spec: the schema is not JSON: " + err.Error())
	}
	return b.Bytes()
}

// definition points at a definition.
func definition(name string) object { return object{"$ref": "#/$defs/" + name} }

// object is the schema of one table.
func (s *schema) object(t *Table) object {
	properties := object{}
	var required []any
	for _, k := range t.Keys {
		properties[k.Name] = s.property(k)
		// An inherited key may be missing here, as may everything that
		// another file has; so may what like or an override fills in.
		if k.Required && !k.Inherited && t != s.app {
			required = append(required, k.Name)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if t.Doc != "" {
		o["description"] = t.Doc
	}
	if required != nil {
		o["required"] = required
	}
	return o
}

// property is the schema of one key.
func (s *schema) property(k Key) object {
	p := object{}
	for name, t := range map[string]*Table{"limits": s.limits, "deploy": s.deploy} {
		if k.Type.table == t {
			return object{"$ref": "#/$defs/" + name, "description": k.Doc}
		}
	}
	for name, v := range k.Type.schema {
		p[name] = v
	}
	p["description"] = k.Doc
	if k.Status == Next {
		// Only what turns it off is taken in this version.
		return object{"enum": []any{false, 0, "", "off", []any{}}, "deprecated": true, "description": "Not in this version. " + k.Doc}
	}
	if k.Default != "" {
		p["default"] = defaultJSON(k)
	}
	return p
}

// defaultJSON is a default as JSON.
func defaultJSON(k Key) any {
	root, _ := readTree(newSource(File{Data: []byte("x = " + k.Default)}, 0), func(Diagnostic) {})
	return plainJSON(root.entry("x"))
}

func plainJSON(n *node) any {
	switch n.kind {
	case textKind:
		return n.text
	case boolKind:
		return n.text == "true"
	case integerKind:
		v, _ := number(n)
		return v
	case listKind:
		all := []any{}
		for _, item := range n.items {
			all = append(all, plainJSON(item))
		}
		return all
	}
	return nil
}
