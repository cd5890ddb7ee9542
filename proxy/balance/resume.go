package balance

// What is here is for exchanges that go on in another process, which knows
// instances by their IDs alone.

// Find is the instance of that ID, also one that was removed of late, nil
// where the group has none.
func (g *Group) Find(id string) *Instance {
	for _, list := range [...][]*Instance{g.members, g.removed} {
		for _, in := range list {
			if in.ID == id {
				return in
			}
		}
	}
	return nil
}

// Resume begins a use that goes on here. It is not a choice: neither health
// nor room is asked for, since the instance is at work already.
func (g *Group) Resume(in *Instance) { in.inFlight.Add(1) }

// Spent is what was used up of the rule.
func (a *Attempts) Spent() (others int, resent bool) { return a.others, a.resent }

// Resume goes on with what was used up before.
func (a *Attempts) Resume(others int, resent bool) { a.others, a.resent = others, resent }
