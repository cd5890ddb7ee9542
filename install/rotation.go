package install

import (
	"context"
	"errors"
	"slices"

	"github.com/webstack/webstack/proxy/control"
)

// proxied are what the proxy says of an instance, once for each upstream that
// has it.
func proxied(s *control.Status, id string) []control.InstanceStatus {
	var list []control.InstanceStatus
	for _, u := range s.Upstreams {
		for _, i := range u.Instances {
			if i.ID == id {
				list = append(list, i)
			}
		}
	}
	return list
}

func inFlight(s *control.Status, id string) int {
	n := 0
	for _, i := range proxied(s, id) {
		n += i.InFlight
	}
	return n
}

// outOfRotation says that the proxy knows an instance and gives it nothing.
func outOfRotation(s *control.Status, id string) bool {
	return slices.ContainsFunc(proxied(s, id), func(i control.InstanceStatus) bool {
		return i.State == "down" || i.State == "draining"
	})
}

// drain takes an instance out of rotation and waits for what it still
// answers. It says whether there is something to undo: a worker is in no
// rotation, and without a proxy there is none.
func drain(ctx context.Context, h *Host, s Step) (drained bool, err error) {
	if s.instance.Address == "" {
		return false, nil
	}
	err = h.Drain(ctx, s.instance.ID())
	if errors.Is(err, control.ErrNotRunning) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, waitIdle(ctx, h, s.instance.ID(), s.app.DrainTimeout)
}

func undrain(ctx context.Context, h *Host, s Step) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undrainTimeout)
	defer cancel()
	err := h.Undrain(ctx, s.instance.ID())
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	return err
}
