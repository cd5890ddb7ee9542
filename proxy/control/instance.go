package control

import "slices"

// Instance is what the proxy says of an instance, all upstreams together: the
// traffic is summed, the state is the one that keeps it out. known is false
// where no upstream has it, and without a status.
func (s *Status) Instance(id string) (sum InstanceStatus, known bool) {
	if s == nil {
		return sum, false
	}
	for _, u := range s.Upstreams {
		for _, i := range u.Instances {
			if i.ID != id {
				continue
			}
			shown := sum
			if !known || keepsOut(i.State) > keepsOut(sum.State) {
				shown = i
			}
			shown.InFlight = sum.InFlight + i.InFlight
			shown.Requests = sum.Requests + i.Requests
			shown.Failed = sum.Failed + i.Failed
			shown.Errors = sum.Errors + i.Errors
			sum, known = shown, true
		}
	}
	return sum, known
}

// keepsOut orders the states of an instance by how much they say of it, see
// InstanceStatus.State.
func keepsOut(state string) int {
	return slices.Index([]string{"removed", "up", "down", "starting", "stopped", "draining"}, state)
}
