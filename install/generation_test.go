package install

import (
	"testing"

	"github.com/webstack/webstack/install/spec"
)

// A stored spec is read back in the order in which its files counted.
func TestAStoredSpecSaysWhatItSaid(t *testing.T) {
	s := newSim(t)
	d := desire("1", []string{"8020"}, "8081")
	d.Spec = []spec.File{
		{Name: "/etc/webstack/webstack.toml", Data: []byte("[app.app]\ncommand = \"/bin/true\"\nuser = \"root\"\nports = 8020\n")},
		{Name: "/etc/webstack/conf.d/x.toml", Data: []byte("[app.other]\ncommand = \"/bin/true\"\nuser = \"root\"\ninstances = 1\n")},
		{Name: "/etc/webstack/override.d/50-scale-app.toml", Override: true, Data: []byte("[app.app]\nports = \"8020-8022\"\n")},
	}
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	g, err := LoadGeneration(s.host.Paths, 1)
	if err != nil {
		t.Fatal(err)
	}
	back, found := spec.Parse(g.Desired.Spec)
	if len(found) > 0 {
		t.Fatalf("the stored spec is bad: %v", found)
	}
	for _, a := range back.Apps {
		if got := InstanceCount(a); a.Name == "app" && got != 3 {
			t.Errorf("got %d instances, want the override's 3", got)
		}
	}
}
