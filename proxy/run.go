package proxy

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// Run serves until ctx is done, and then stops within the config's bounds.
func (p *Proxy) Run(ctx context.Context) {
	var wakes []net.Listener
	var waking sync.WaitGroup
	for _, l := range p.options.Listeners {
		if l.Name == WakeListener {
			wakes = append(wakes, l.Listener)
			waking.Go(func() { wake(ctx, l.Listener) })
			continue
		}
		if err := p.engine.Listen(l.Name, l.Listener); err != nil {
			p.options.Log.Error(err.Error(), "listener", l.Name)
		}
	}
	p.engine.Start()
	endAside := p.runAside(ctx)
	p.mu.Lock()
	p.sayMissing()
	generation := p.config.Generation
	p.mu.Unlock()
	p.status("serving generation %d", generation)
	tell(p.options.Notify.Ready)

	<-ctx.Done()
	for _, l := range wakes {
		l.Close() // who connects from here on wakes the next process
	}
	p.stop()
	waking.Wait()
	for _, l := range p.options.Listeners {
		l.Close()
	}
	endAside()
}

// runAside runs what goes on beside the loops, also while they stop: who is
// held is to be let go, leases end, and what is reported is to be known to the
// next process. What it returns ends that.
func (p *Proxy) runAside(ctx context.Context) (end func()) {
	ctx = context.WithoutCancel(ctx)
	acting, endActing := context.WithCancel(ctx)
	writing, endWriting := context.WithCancel(ctx)
	var actors, writers sync.WaitGroup
	actors.Go(func() { p.keepTime(acting) })
	actors.Go(func() { p.prober.Run(acting) })
	writers.Go(func() { p.stateFile.run(writing) })
	writers.Go(func() { p.access.Run(writing) })
	writers.Go(func() { p.log.run(writing) })
	return func() {
		endActing()
		actors.Wait()
		p.mu.Lock()
		p.over = true
		p.save()
		p.mu.Unlock()
		// What the last exchanges have logged, and the state, is written
		// before the proxy ends.
		endWriting()
		writers.Wait()
	}
}

// stop has the loops finish what they have.
func (p *Proxy) stop() {
	p.mu.Lock()
	p.stopping = true
	grace, timeout := time.Duration(p.config.Proxy.StopGrace), time.Duration(p.config.Proxy.StopTimeout)
	p.mu.Unlock()
	if p.options.Notify.Stopping != nil {
		p.options.Notify.Stopping(timeout)
	}
	p.status("stopping")
	p.events.Publish(control.NewEvent(time.Now(), control.EventStop))
	p.events.Close()
	if cut := p.engine.Stop(grace, timeout); cut > 0 {
		p.options.Log.Warn("connections were cut in the middle of an answer", "connections", cut, "stop_timeout", timeout)
	}
}
