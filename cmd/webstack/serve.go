package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/activation"
	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/static/open"
)

// stopMargin is what the proxy asks of systemd beyond its own stop timeout, so
// that a stop that takes its whole time is not cut by the unit's.
const stopMargin = 10 * time.Second

func newServe(out *console) *cobra.Command {
	var configPath, foreground, controlPath, statePath string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the proxy (webstack.service does)",
		Long: `Serve runs the proxy. As webstack.service it inherits its listening sockets from
systemd and reads the config that apply compiled. With --foreground it compiles
a spec itself and binds the addresses itself: for containers, benchmarks and
trying a spec out. Instances are not started then, only reached.

SIGHUP takes the config anew, SIGUSR1 opens the access log anew.`,
		Example: `  webstack serve --foreground shop.toml
  webstack serve --foreground shop.toml --control /tmp/webstack.sock`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := &serving{configPath: configPath, controlPath: controlPath, statePath: statePath, user: -1, log: newLog(out.stderr)}
			if foreground != "" {
				if !cmd.Flags().Changed("control") {
					s.controlPath = ""
				}
				if !cmd.Flags().Changed("state") {
					s.statePath = ""
				}
				s.user = os.Getuid() // it is whoever typed this
				return s.foreground(cmd.Context(), out, foreground)
			}
			return s.activated(cmd.Context())
		},
	}
	c.Flags().StringVar(&configPath, "config", install.DefaultPaths().ServingConfig(), "compiled config `file`")
	c.Flags().StringVar(&foreground, "foreground", "", "compile this spec `file` and bind its listeners")
	c.Flags().StringVar(&controlPath, "control", control.Socket, "control socket to make; \"\" for none")
	c.Flags().StringVar(&statePath, "state", statePathByDefault, "`file` for what outlives a restart, such as drains; \"\" for none")
	return c
}

// statePathByDefault is below StateDirectory= of webstack.service.
const statePathByDefault = "/var/lib/webstack/proxy/state.json"

// serving wires the proxy to the process that it runs in.
type serving struct {
	configPath  string
	controlPath string
	statePath   string
	// user may use the control socket beside root and the admin group; -1 for
	// nobody.
	user int
	log  *slog.Logger
}

// activated runs the proxy with what systemd passed in.
func (s *serving) activated(ctx context.Context) error {
	env := activation.Process()
	inherited, err := activation.Listeners(env)
	if err != nil {
		// The sites of the other listeners are served all the same.
		s.log.Error(err.Error())
	}
	notifier, err := activation.NewNotifier(env)
	if err != nil {
		return err
	}
	watchdog, err := activation.WatchdogInterval(env)
	if err != nil {
		return err
	}
	if len(inherited) == 0 {
		s.log.Warn("no listening socket was passed in; systemctl start webstack.socket starts the proxy with its sockets")
	}
	var listeners []proxy.Listener
	for _, l := range inherited {
		listeners = append(listeners, proxy.Listener{Name: l.Name, Listener: l.Listener})
	}
	read := func() (*config.Config, error) { return readConfig(s.configPath) }
	first, err := read()
	if errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("nothing is applied yet, every request gets a 503", "config", s.configPath)
		first, err = emptyConfig(), nil
	}
	if err != nil {
		return &statusError{code: exitSpec, err: err, hint: "webstack apply"}
	}
	return s.run(ctx, first, read, listeners, notifier, watchdog)
}

// maxConfigBytes bounds the compiled config: tens of thousands of routes fit.
const maxConfigBytes = 64 << 20

func readConfig(path string) (*config.Config, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("cannot read the config: %s has %d bytes, more than %d", path, info.Size(), maxConfigBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	c, err := config.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("cannot use the config %s: %w", path, err)
	}
	return c, nil
}

// emptyConfig serves nothing, with bounds of its own.
func emptyConfig() *config.Config {
	const bound = config.Duration(10 * time.Second)
	return &config.Config{Version: config.Version, Proxy: config.Proxy{
		HeadTimeout: bound, BodyTimeout: bound, SendTimeout: bound, KeepaliveTimeout: bound,
		StopGrace: config.Duration(time.Second), StopTimeout: bound,
	}}
}

// foreground compiles a spec, binds its listeners and runs the proxy.
func (s *serving) foreground(ctx context.Context, out *console, file string) error {
	compile := func() (*config.Config, error) {
		files, err := readSpec("", []string{file})
		if err != nil {
			return nil, err
		}
		parsed, err := parseSpec(out, files)
		if err != nil {
			return nil, err
		}
		return install.CompileConfig(parsed)
	}
	first, err := compile()
	if err != nil {
		return err
	}
	var listeners []proxy.Listener
	for _, l := range first.Listeners {
		bound, err := activation.Bind(listenNetwork(l), l.Address)
		if err != nil {
			return fmt.Errorf("cannot listen on %s: %w", l.Address, withoutAddress(err))
		}
		listeners = append(listeners, proxy.Listener{Name: l.Name, Listener: bound})
		out.progress("listening on %s\n", bound.Addr())
	}
	nobody, err := activation.NewNotifier(activation.Env{Get: func(string) string { return "" }, Unset: func(string) error { return nil }})
	if err != nil {
		return err
	}
	return s.run(ctx, first, compile, listeners, nobody, 0)
}

// withoutAddress is why a listen failed, for who has said where.
func withoutAddress(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// listenNetwork keeps IPv4 and IPv6 apart, as the socket units do.
func listenNetwork(l config.Listener) string {
	switch {
	case l.Network != "tcp":
		return l.Network
	case l.Address[0] == '[':
		return "tcp6"
	}
	return "tcp4"
}

func (s *serving) run(ctx context.Context, first *config.Config, load func() (*config.Config, error), listeners []proxy.Listener, notifier *activation.Notifier, watchdog time.Duration) error {
	if err := open.Check(); err != nil {
		s.log.Error("static files cannot be served", "error", err)
	}
	p, err := proxy.New(first, proxy.Options{
		Listeners: listeners, Load: load, Log: s.log, Notify: s.notify(notifier),
		StatePath: s.statePath, BootID: bootID(os.Getenv),
	})
	if err != nil {
		return err
	}
	// The control socket and the watchdog go on while the proxy stops.
	aside, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	stopped := s.control(aside, p)
	go s.obeySignals(aside, p)
	if watchdog > 0 {
		alive := func() error { return p.Alive(watchdog / 4) }
		failed := func(err error) { s.log.Error("cannot tell the watchdog", "error", err) }
		go notifier.RunWatchdog(aside, watchdog, alive, failed)
	}
	p.Run(ctx)
	done()
	<-stopped
	return nil
}

// notify ties the proxy's states to systemd's. What cannot be told is logged:
// the proxy serves all the same.
func (s *serving) notify(n *activation.Notifier) proxy.Notify {
	say := func(what string, err error) {
		if err != nil {
			s.log.Error("cannot notify systemd", "of", what, "error", err)
		}
	}
	return proxy.Notify{
		Ready:     func() { say("readiness", n.Ready("")) },
		Reloading: func() { say("a reload", n.Reloading()) },
		Stopping: func(timeout time.Duration) {
			say("the stop", n.Stopping(""))
			say("the time that the stop takes", n.Extend(timeout+stopMargin))
		},
		Status: func(line string) { say("its status", n.Status(line)) },
	}
}

// obeySignals does what daemons do on SIGHUP and, to rotate logs, on SIGUSR1;
// the verdict is in the log.
func (s *serving) obeySignals(ctx context.Context, p *proxy.Proxy) {
	hangup, rotated := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	signal.Notify(rotated, syscall.SIGUSR1)
	defer signal.Stop(hangup)
	defer signal.Stop(rotated)
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			_, err = p.Reload()
		case <-rotated:
			err = p.ReopenLogs()
		}
		if err != nil {
			s.log.Error(err.Error())
		}
	}
}
