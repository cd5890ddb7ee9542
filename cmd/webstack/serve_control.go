package main

import (
	"context"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/control"
)

// adminGroup may use the control socket besides root.
const adminGroup = "webstack-admin"

// control makes the control socket and serves it until ctx ends. A proxy that
// cannot make it serves its sites all the same.
func (s *serving) control(ctx context.Context, p *proxy.Proxy) (stopped <-chan struct{}) {
	over := make(chan struct{})
	if s.controlPath == "" {
		close(over)
		return over
	}
	l, err := control.Listen(s.controlPath)
	if err != nil {
		s.log.Error("no control socket: status, reload and drains cannot reach this proxy", "error", err)
		close(over)
		return over
	}
	access := control.Access{Group: -1, User: s.user}
	if gid, err := install.GroupID(adminGroup); err == nil {
		access.Group = gid
		if err := control.Share(s.controlPath, gid); err != nil {
			s.log.Warn("root alone can use the control socket", "error", err)
		}
	}
	server := control.NewServer(p, access, s.log)
	go func() {
		defer close(over)
		if err := server.Run(ctx, l); err != nil {
			s.log.Error("the control socket is gone", "error", err)
		}
	}()
	return over
}
