package install

import (
	"slices"
	"testing"

	"github.com/webstack/webstack/proxy/config"
)

// held is an app whose one address systemd holds; "" for one that binds it
// itself.
func held(start, bind, address string) *App {
	a := &App{Name: "a", Unit: "a", Hash: "h", Start: start, Bind: bind, Instances: []Instance{{Name: "1", Unit: "a@1.service", Address: address}}}
	if bind == "systemd" {
		a.Instances[0].Socket = "a@1.socket"
	}
	return a
}

func TestSocketsOpenAndClose(t *testing.T) {
	const here, there = "127.0.0.1:1", "127.0.0.2:1"
	up, down := Unit{Active: "active"}, Unit{Active: "inactive"}
	for _, c := range []struct {
		name             string
		was, wanted      *App
		instance, socket Unit
		// ran is the hash that the instance was started with.
		ran  string
		want []string
	}{
		{"one that is woken is opened", nil, held("on-demand", "systemd", here), down, down, "", []string{"open-socket a@1.socket"}},
		{"an instance that starts brings its own", nil, held("boot", "systemd", here), down, down, "", []string{"start a@1.service"}},
		{"an open one stays", held("on-demand", "systemd", here), held("on-demand", "systemd", here), down, up, "", nil},
		{"a masked one stays closed", nil, held("on-demand", "systemd", here), down, Unit{Active: "inactive", Load: "masked"}, "", nil},
		{"one that a running instance lost waits for its restart", held("on-demand", "systemd", here), held("on-demand", "systemd", here), up, down, "h", nil},
		{"the app binds it now", held("boot", "systemd", here), held("boot", "app", here), up, up, "old", []string{"close-socket a@1.socket", "restart a@1.service"}},
		{"systemd binds it now", held("boot", "app", here), held("boot", "systemd", here), up, down, "old", []string{"restart a@1.service"}},
		{"it moves", held("boot", "systemd", here), held("boot", "systemd", there), up, up, "h", []string{"close-socket a@1.socket", "restart a@1.service"}},
		{"it moves while nothing runs", held("on-demand", "systemd", here), held("on-demand", "systemd", there), down, up, "", []string{"close-socket a@1.socket", "open-socket a@1.socket"}},
		{"it moves while its instance is down", held("boot", "systemd", here), held("boot", "systemd", there), down, up, "", []string{"close-socket a@1.socket", "start a@1.service"}},
		{"the app goes", held("boot", "systemd", here), nil, up, up, "h", []string{"close-socket a@1.socket", "stop a@1.service"}},
	} {
		d := &Desired{Config: &config.Config{}}
		if c.wanted != nil {
			d.Apps = []App{*c.wanted}
		}
		a := &Actual{Units: map[string]Unit{"a@1.service": c.instance, "a@1.socket": c.socket, "a.target": up}, Running: map[string]string{}}
		if c.ran != "" {
			a.Running["a@1.service"] = c.ran
		}
		if c.was != nil {
			a.Current = &Generation{Number: 1, Desired: Desired{Apps: []App{*c.was}, Config: &config.Config{}}}
		}
		var got []string
		for _, s := range MakePlan(d, a, 0, 2).Steps {
			if slices.Contains([]StepKind{OpenSocket, CloseSocket, StartInstance, RollInstance, StopInstance}, s.Kind) {
				got = append(got, string(s.Kind)+" "+s.Subject)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
