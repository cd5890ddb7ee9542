package spec_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/spec"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

func TestGeneratedFilesAreTheTable(t *testing.T) {
	for _, f := range []struct {
		path string
		want []byte
	}{
		{"../../docs/spec.md", []byte(spec.Reference())},
		{"../../docs/schema/webstack.schema.json", spec.JSONSchema()},
	} {
		if *update {
			if err := os.WriteFile(f.path, f.want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, f.want) {
			t.Errorf("%s is not what the table of keys makes: run go test ./install/spec -update", f.path)
		}
	}
}

func TestReferenceNamesEveryKey(t *testing.T) {
	reference := spec.Reference()
	var schema struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(spec.JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	for table, def := range schema.Defs {
		for key := range def.Properties {
			if !strings.Contains(reference, "`"+key+"`") {
				t.Errorf("the reference does not name %s of %s", key, table)
			}
		}
	}
}

func TestSchemaRefersToWhatIsThere(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(spec.JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema["$schema"]; got != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("got dialect %v", got)
	}
	defs := schema["$defs"].(map[string]any)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && defs[strings.TrimPrefix(ref, "#/$defs/")] == nil {
				t.Errorf("%s is not defined", ref)
			}
			for _, sub := range v {
				walk(sub)
			}
		case []any:
			for _, sub := range v {
				walk(sub)
			}
		}
	}
	walk(schema)
}
