package agent

import (
	"slices"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/agent/keeper"
)

// generation is what the agent needs of the generations that stand.
type generation struct {
	apps []keeper.App
	// units are the instances' units, by ID.
	units map[string]string
	// patterns match every instance of every template.
	patterns []string
	// members are the instances of each app, by its name.
	members map[string][]string
	hooks   []hookSpec
}

// newGeneration makes the keeper's apps. What an apply that has not ended
// brings is followed too, and nothing more is done with it: what an app may be
// asked for is the current generation's.
func newGeneration(s *install.Standing) *generation {
	g := &generation{units: map[string]string{}, members: map[string][]string{}}
	if s.Current != nil {
		for i := range s.Current.Desired.Apps {
			g.add(&s.Current.Desired.Apps[i], true)
		}
		g.hooks = hooksOf(s.Current.Desired.OnChange)
	}
	for _, p := range s.Pending {
		for i := range p.Desired.Apps {
			g.add(&p.Desired.Apps[i], false)
		}
	}
	return g
}

func (g *generation) add(a *install.App, current bool) {
	app := keeper.App{Name: a.Name, Woken: a.Woken()}
	if current {
		app.OnDemand, app.IdleStop = a.Start == "on-demand", a.IdleStop
		if w := a.Watchdog; w != nil {
			app.Watchdog = &keeper.Watchdog{After: w.After, Limit: w.Limit}
		}
	}
	app.Worker = !slices.ContainsFunc(a.Instances, func(i install.Instance) bool { return i.Address != "" })
	for _, inst := range a.Instances {
		if _, there := g.units[inst.ID()]; !there {
			g.units[inst.ID()] = inst.Unit
			app.Instances = append(app.Instances, inst.ID())
		}
	}
	if len(app.Instances) == 0 {
		return
	}
	g.apps = append(g.apps, app)
	if current {
		g.members[a.Name] = app.Instances
	}
	if p := units.InstancePattern(a.Unit); !slices.Contains(g.patterns, p) {
		g.patterns = append(g.patterns, p)
	}
}
