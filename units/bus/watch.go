package bus

import (
	"context"
	"errors"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// reconnectDelay is between two tries to reach a bus that went away. The
// first try is made at once.
const reconnectDelay = time.Second

// Change is one thing that a Watcher has seen. Exactly one of its fields is
// set.
type Change struct {
	// Unit is a unit that is new or different. One that systemd has unloaded
	// has the LoadState "not-found" or the ActiveState "inactive".
	Unit *Properties
	// Lost says that the bus went away. What was told of the units before is
	// the best there is until Whole.
	Lost error
	// Whole says that the bus is there, and that every unit has been told as it
	// is now: one that was never told is not loaded.
	Whole bool
}

// Watcher follows the units that match its patterns and outlives the bus.
type Watcher struct {
	options  Options
	patterns []string
	// last is what was told of each unit, kept while the bus is away.
	last map[string]Properties
	// fresh is what signals have said since then, for units that are in last.
	fresh map[string]Properties
}

// NewWatcher follows units whose names match one of patterns.
func NewWatcher(o Options, patterns ...string) *Watcher {
	return &Watcher{options: o, patterns: patterns, last: map[string]Properties{}, fresh: map[string]Properties{}}
}

// Run tells each matching unit, then each change, until ctx is done. It
// returns an error only when systemd does not let this user watch.
func (w *Watcher) Run(ctx context.Context, changes chan<- Change) error {
	for {
		err := w.follow(ctx, changes)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrPermission) {
			return err
		}
		if !tell(ctx, changes, Change{Lost: err}) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reconnectDelay):
		}
	}
}

// follow watches over one connection until that ends.
func (w *Watcher) follow(ctx context.Context, changes chan<- Change) error {
	c, err := Dial(ctx, w.options)
	if err != nil {
		return err
	}
	defer c.Close()
	signals := make(chan *dbus.Signal, signalBuffer)
	c.conn.Signal(signals)
	if err := c.matchUnits(ctx); err != nil {
		return failure("watch units", err)
	}
	if err := w.read(ctx, c, changes); err != nil {
		return err
	}
	if !tell(ctx, changes, Change{Whole: true}) {
		return ctx.Err()
	}
	return w.obey(ctx, c, signals, changes)
}

func (c *Conn) matchUnits(ctx context.Context) error {
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	return errors.Join(
		c.conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(service), dbus.WithMatchInterface(properties),
			dbus.WithMatchPathNamespace(managerPath+"/unit")),
		c.conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(service), dbus.WithMatchInterface(manager)),
	)
}

// read tells every unit that differs from what was told of it.
func (w *Watcher) read(ctx context.Context, c *Conn, changes chan<- Change) error {
	units, err := c.Units(ctx, w.patterns...)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for name := range w.last {
		names[name] = true
	}
	for _, u := range units {
		names[u.Name] = true
	}
	for name := range names {
		if err := w.readUnit(ctx, c, name, changes); err != nil {
			return err
		}
	}
	return nil
}

// readUnit reads a unit whole, and tells it if it differs.
func (w *Watcher) readUnit(ctx context.Context, c *Conn, name string, changes chan<- Change) error {
	p, err := c.Properties(ctx, name)
	if errors.Is(err, ErrNoSuchUnit) {
		p, err = Properties{Name: name, LoadState: "not-found", ActiveState: "inactive"}, nil
	}
	if err != nil {
		return err
	}
	// These two move all the time and signal nothing.
	p.MemoryBytes, p.CPU = Unknown, Unknown
	return w.tellUnit(ctx, name, p, changes)
}

// tellUnit tells a unit if it differs from what was told of it.
func (w *Watcher) tellUnit(ctx context.Context, name string, p Properties, changes chan<- Change) error {
	delete(w.fresh, name)
	if reflect.DeepEqual(w.last[name], p) {
		return nil
	}
	w.last[name] = p
	if !tell(ctx, changes, Change{Unit: &p}) {
		return ctx.Err()
	}
	return nil
}

// obey follows the signals of one connection. One change of a unit is several
// signals, and many units change at once: those that have arrived are taken
// together, and each unit that they name is told once.
func (w *Watcher) obey(ctx context.Context, c *Conn, signals <-chan *dbus.Signal, changes chan<- Change) error {
	clear(w.fresh)
	n := news{unread: map[string]bool{}}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s := <-signals:
			if !w.note(&n, s) {
				return failure("watch units", errors.New("the connection ended"))
			}
		}
		for more := true; more; {
			select {
			case s := <-signals:
				if !w.note(&n, s) {
					return failure("watch units", errors.New("the connection ended"))
				}
			default:
				more = false
			}
		}
		if err := w.readNews(ctx, c, &n, changes); err != nil {
			return err
		}
	}
}

// concerns is false of the removal of a unit that is known as inactive: to
// read it loads it, only for systemd to remove it again.
func (w *Watcher) concerns(signal, name string) bool {
	last, known := w.last[name]
	if signal == manager+".UnitRemoved" {
		return known && last.ActiveState != "inactive"
	}
	return w.matches(name) && (!known || last.ActiveState != "inactive")
}

func (w *Watcher) matches(name string) bool {
	for _, p := range w.patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return len(w.patterns) == 0
}

func tell(ctx context.Context, changes chan<- Change, c Change) bool {
	select {
	case changes <- c:
		return true
	case <-ctx.Done():
		return false
	}
}

// unitName is the inverse of unitPath, "" for what is no unit's object.
func unitName(object dbus.ObjectPath) string {
	escaped, ok := strings.CutPrefix(string(object), string(managerPath)+"/unit/")
	if !ok {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '_' {
			b.WriteByte(escaped[i])
			continue
		}
		if i+2 >= len(escaped) {
			return ""
		}
		hi, lo := hexDigit(escaped[i+1]), hexDigit(escaped[i+2])
		if hi < 0 || lo < 0 {
			return ""
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	return b.String()
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c) }
