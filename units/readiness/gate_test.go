package readiness

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAnInstanceThatListensIsReady(t *testing.T) {
	for _, c := range []struct{ name, network, address string }{
		{"on its address", "tcp", "127.0.0.1:0"},
		{"on every IPv4 address", "tcp4", "0.0.0.0:0"},
		{"on every address", "tcp", "[::]:0"},
		{"on a unix socket", "unix", filepath.Join(t.TempDir(), "socket")},
	} {
		app := start(t, "listen", c.network, c.address)
		network, address := c.network, app.address
		if c.network != "unix" {
			_, port, err := net.SplitHostPort(app.address)
			if err != nil {
				t.Fatal(err)
			}
			network, address = "tcp", "127.0.0.1:"+port
		}
		if err := newStage(t, app).gate(app, network, address).Wait(context.Background()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAChildOfTheMainProcessMayListen(t *testing.T) {
	main, worker := start(t, "idle"), start(t, "listen", "tcp", "127.0.0.1:0")
	if err := newStage(t, main, worker).gate(main, "tcp", worker.address).Wait(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestAnInstanceIsReadyWhenItsCheckPasses(t *testing.T) {
	app := start(t, "listen", "tcp", "127.0.0.1:0")
	g := newStage(t, app).gate(app, "tcp", app.address)
	asked := 0
	g.Check = func(context.Context) error {
		if asked++; asked < 3 {
			return errors.New("/healthz is answered with 503")
		}
		return nil
	}
	if err := g.Wait(context.Background()); err != nil || asked != 3 {
		t.Errorf("ready after %d checks with %v, want 3", asked, err)
	}
}

func TestAnInstanceThatIsNotReadyInTimeSaysWhy(t *testing.T) {
	app := start(t, "listen", "tcp", "127.0.0.1:0")
	s := newStage(t, app)
	g := s.gate(app, "tcp", app.address)
	g.Timeout = 20 * time.Millisecond
	g.Check = func(context.Context) error { return errors.New("/healthz is answered with 503") }
	wantError(t, g.Wait(context.Background()), "app@8020.service is not ready within 20ms: /healthz is answered with 503")

	idle := start(t, "idle")
	g = newStage(t, idle).gate(idle, "tcp", "127.0.0.1:1")
	g.Timeout = 20 * time.Millisecond
	wantError(t, g.Wait(context.Background()), "nobody listens on 127.0.0.1:1")
}

func TestAStrangerOnThePortIsNotReady(t *testing.T) {
	app, stranger := start(t, "idle"), start(t, "listen", "tcp", "127.0.0.1:0")
	s := newStage(t, app)
	s.show(stranger, "/user.slice")
	g := s.gate(app, "tcp", stranger.address)
	g.Timeout = 50 * time.Millisecond
	g.Check = func(context.Context) error {
		t.Error("a stranger is asked whether it is well")
		return nil
	}
	err := g.Wait(context.Background())
	wantError(t, err, stranger.address+" is held by readiness.test (pid ")
	wantError(t, err, "which is no process of the unit")
}

func TestACrashInTheStartFailsAtOnce(t *testing.T) {
	app := start(t, "idle")
	g := newStage(t, app).gate(app, "tcp", "127.0.0.1:1")
	done := make(chan error)
	go func() { done <- g.Wait(context.Background()) }()
	app.end()
	var gone *Gone
	if err := <-done; !errors.As(err, &gone) || gone.Unit != unitName {
		t.Errorf("got %v, want that it is gone", err)
	}
}

func TestACrashEndsACheckThatIsUnderWay(t *testing.T) {
	app := start(t, "listen", "tcp", "127.0.0.1:0")
	g := newStage(t, app).gate(app, "tcp", app.address)
	g.Check = func(ctx context.Context) error {
		app.end()
		<-ctx.Done() // an app that takes the connection and never answers
		return ctx.Err()
	}
	var gone *Gone
	if err := g.Wait(context.Background()); !errors.As(err, &gone) {
		t.Errorf("got %v, want that it is gone", err)
	}
}

func TestAProcessThatIsGoneBeforeTheGateIsGone(t *testing.T) {
	app := start(t, "idle")
	s := newStage(t, app)
	app.end()
	var gone *Gone
	if err := s.gate(app, "tcp", "127.0.0.1:1").Wait(context.Background()); !errors.As(err, &gone) {
		t.Errorf("got %v, want that it is gone", err)
	}
}

func TestAStopInTheStartEndsTheGate(t *testing.T) {
	app := start(t, "idle")
	g := newStage(t, app).gate(app, "tcp", "127.0.0.1:1")
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := errors.New("asked to stop")
	cancel(stopped)
	if err := g.Wait(ctx); !errors.Is(err, stopped) {
		t.Errorf("got %v, want %v", err, stopped)
	}
}

func TestAPidOfAnotherUnitIsRefused(t *testing.T) {
	for _, group := range []string{"/system.slice/sshd.service", "/app.slice/app@8021.service", "/other.slice/" + unitName} {
		app, other := start(t, "listen", "tcp", "127.0.0.1:0"), start(t, "idle")
		s := newStage(t, app)
		s.show(other, group)
		g := s.gate(other, "tcp", app.address)
		wantError(t, g.Wait(context.Background()), "is none of app@8020.service")
	}
}

func TestAUnixSocketThatTheProxyCannotReachIsNotReady(t *testing.T) {
	dir := t.TempDir()
	app := start(t, "listen", "unix", filepath.Join(dir, "socket"))
	if err := os.Chmod(app.address, 0o700); err != nil {
		t.Fatal(err)
	}
	g := newStage(t, app).gate(app, "unix", app.address)
	g.Client = &Account{Name: "webstack", UID: 65533, Groups: []int{65533}}
	g.Timeout = 20 * time.Millisecond
	wantError(t, g.Wait(context.Background()), "user webstack may not")
}
