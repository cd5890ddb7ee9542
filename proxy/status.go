package proxy

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/snapshot"
)

// Status says how the proxy is.
func (p *Proxy) Status() control.Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := control.Status{
		Version:     control.Version,
		PID:         os.Getpid(),
		Generation:  p.config.Generation,
		StartedAt:   moment(p.started),
		Connections: p.engine.Connections(),
		MemoryBytes: residentBytes(),
		LogDropped:  p.access.Dropped(),
		Listeners:   p.listenerStatus(),
		Upstreams:   []control.UpstreamStatus{},
		Sites:       []control.SiteStatus{},
	}
	now := time.Now()
	for _, u := range p.current.Upstreams {
		us := upstreamStatus(u)
		u.Group.Each(now, func(in *balance.Instance, v balance.View) {
			us.Instances = append(us.Instances, instanceStatus(in, v))
		})
		st.Upstreams = append(st.Upstreams, us)
	}
	p.forgetFinished()
	for _, u := range p.retired {
		us := upstreamStatus(u)
		u.Group.Each(now, func(in *balance.Instance, v balance.View) {
			if in.InFlight() > 0 {
				v.State = balance.Removed
				us.Instances = append(us.Instances, instanceStatus(in, v))
			}
		})
		st.Upstreams = append(st.Upstreams, us)
	}
	for _, s := range p.current.Sites {
		st.Sites = append(st.Sites, control.SiteStatus{
			Name:      s.Name,
			Listeners: s.Listeners,
			Requests:  s.Counters.Requests.Load(),
			Errors:    s.Counters.Errors.Load(),

			Maintenance: maintained(s),
		})
	}
	return st
}

func upstreamStatus(u *snapshot.Upstream) control.UpstreamStatus {
	return control.UpstreamStatus{
		Name:      u.Name,
		App:       u.App,
		Waiting:   u.Group.Waiting(),
		Held:      u.Group.Held(),
		Paused:    u.Group.Paused(),
		IdleSince: moment(u.Group.IdleSince()),
		Instances: []control.InstanceStatus{},
	}
}

// moment is a time for a document, "" where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func instanceStatus(in *balance.Instance, v balance.View) control.InstanceStatus {
	return control.InstanceStatus{
		ID:        in.ID,
		Address:   in.Address,
		State:     string(v.State),
		Since:     moment(v.Since),
		Reason:    v.Reason,
		DrainedBy: v.DrainedBy,
		InFlight:  in.InFlight(),
		Requests:  in.Requests(),
		Failed:    in.Failures(),
		Errors:    in.Errors(),
		LastError: in.LastError(),
	}
}

// retire remembers the upstreams that a reload takes away: whoever stops their
// instances has to see what they still answer. It is called with the lock
// held, as is forgetFinished.
func (p *Proxy) retire(old, next *snapshot.Snapshot) {
	for _, u := range old.Upstreams {
		stays := slices.ContainsFunc(next.Upstreams, func(n *snapshot.Upstream) bool { return n.Name == u.Name })
		if !stays {
			p.retired = append(p.retired, u)
		}
	}
	p.forgetFinished()
}

// forgetFinished drops the retired upstreams that have nothing in flight.
func (p *Proxy) forgetFinished() {
	p.retired = slices.DeleteFunc(p.retired, func(u *snapshot.Upstream) bool {
		n := 0
		u.Group.Each(time.Time{}, func(in *balance.Instance, _ balance.View) { n += in.InFlight() })
		return n == 0
	})
}

// listenerStatus is the config's listeners and then those that were passed in
// and that it does not have.
func (p *Proxy) listenerStatus() []control.ListenerStatus {
	list := []control.ListenerStatus{}
	place := map[string]int{}
	for _, l := range p.config.Listeners {
		place[l.Name] = len(list)
		list = append(list, control.ListenerStatus{
			Name: l.Name, Address: l.Address, Configured: p.current.Listeners[l.Name] != nil,
		})
	}
	for _, l := range p.options.Listeners {
		if i, ok := place[l.Name]; ok {
			list[i].Open = true
		} else if l.Name != WakeListener {
			list = append(list, control.ListenerStatus{Name: l.Name, Address: l.Addr().String(), Open: true})
		}
	}
	return list
}

// residentBytes is the process's resident set, 0 where /proc does not say:
// the second number of statm, in pages (proc_pid_statm(5)).
func residentBytes() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
