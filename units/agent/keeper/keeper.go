package keeper

import "time"

// App is what the current generation says of an app.
type App struct {
	Name string
	// Instances are the IDs: "app@8021".
	Instances []string
	// OnDemand: its instances are started when a request waits for them. Woken:
	// systemd holds their sockets, and a connection starts them.
	OnDemand, Woken bool
	// Worker: no upstream has its instances, so that the proxy need not know of
	// them, and has nothing to say of them.
	Worker bool
	// IdleStop stops the app when nobody has used it for so long; 0 never.
	IdleStop time.Duration
	// Watchdog restarts what fails its health check; nil never.
	Watchdog *Watchdog
}

// Watchdog restarts an instance that is up and fails its health check for
// After, at most Limit times in an hour.
type Watchdog struct {
	After time.Duration
	Limit int
}

// Keeper holds what is known of every instance.
type Keeper struct {
	apps      []*app
	instances map[string]*instance
	// units are all that the bus has told of, also those that no generation
	// names yet.
	units map[string]Unit
	// whole says that the bus is there and has told of every unit.
	whole bool
	// reached says that the proxy listens, reporting that a call to it is out.
	reached, reporting bool
	// looking says that the proxy is being asked who is idle; looked is when it
	// answered last, and idle what it said, until that has been considered.
	looking bool
	looked  time.Time
	idle    map[string]time.Time
}

// app is an App with its instances.
type app struct {
	App
	members []*instance
	// alone says that it was warned of the watchdog holding back.
	alone bool
}

// instance is what is known of one instance.
type instance struct {
	id  string
	app *app
	// state is "" until something is known; since is when it became that.
	state  State
	reason string
	since  time.Time
	unit   Unit
	// told is what the proxy was told last, "" for nothing that counts; of a
	// worker, what everybody was told.
	told State
	// failing says that the proxy's check of it fails; since when that is so,
	// or is no longer so.
	failing      bool
	failingSince time.Time
	// job is what systemd has been asked for and has not ended, "" for nothing.
	// why is what it is for: the reason of the states that it causes.
	job Verb
	why string
	// notBefore keeps a job back after one that failed, delay is by how much.
	notBefore time.Time
	delay     time.Duration
	// wanted is when a request was last seen to wait for it.
	wanted time.Time
	// restarts are the watchdog's in the last hour; limited says that it was
	// warned of their limit.
	restarts []time.Time
	limited  bool
}

// New makes a Keeper that knows nothing yet.
func New() *Keeper {
	return &Keeper{instances: map[string]*instance{}, units: map[string]Unit{}}
}

// Generation says which apps there are. What is known of an instance that was
// there before stays.
func (k *Keeper) Generation(now time.Time, apps []App) {
	before := k.instances
	k.apps, k.instances = nil, map[string]*instance{}
	for _, a := range apps {
		of := &app{App: a}
		for _, id := range a.Instances {
			i := before[id]
			if i == nil {
				i = &instance{id: id}
			}
			i.app = of
			of.members = append(of.members, i)
			k.instances[id] = i
			if u, known := k.units[id]; known {
				i.become(now, u)
			} else if k.whole {
				i.become(now, inactive)
			}
		}
		k.apps = append(k.apps, of)
	}
}

// Unit is systemd's word on one unit.
func (k *Keeper) Unit(now time.Time, id string, u Unit) {
	k.units[id] = u
	if i := k.instances[id]; i != nil {
		i.become(now, u)
	}
}

// become takes a unit's new state.
func (i *instance) become(now time.Time, u Unit) {
	state, reason := u.state(i.app.Woken)
	// One with another process was restarted faster than anybody looked.
	renewed := state == Up && u.MainPID != i.unit.MainPID && !i.app.Worker
	if renewed {
		i.told = ""
	}
	if renewed || state != i.state {
		i.since = now
	}
	i.state, i.reason, i.unit = state, reason, u
}

// Whole says that every unit has been told: one that was not is not loaded.
func (k *Keeper) Whole(now time.Time) {
	k.whole = true
	for id, i := range k.instances {
		if _, known := k.units[id]; !known {
			i.become(now, inactive)
		}
	}
}

// BusLost says that nothing more will be told until the bus is back. Forget
// says that it will then tell all of it, and not what is new alone.
func (k *Keeper) BusLost() { k.whole = false }

// Forget is BusLost, after which every unit will be told again.
func (k *Keeper) Forget() {
	k.whole = false
	k.units = map[string]Unit{}
}

// ProxyReached says that the proxy listens, and knows nothing for sure.
func (k *Keeper) ProxyReached() {
	k.reached = true
	for _, i := range k.instances {
		if !i.app.Worker {
			i.told = ""
		}
	}
}

// ProxyLost says that nobody listens. What it said of health no longer counts.
func (k *Keeper) ProxyLost(now time.Time) {
	k.reached, k.idle = false, nil
	for _, i := range k.instances {
		i.fail(now, false)
	}
}

// Reloaded says that the proxy has another config: instances may be new to it,
// and those are in rotation until it hears otherwise.
func (k *Keeper) Reloaded() {
	for _, i := range k.instances {
		if i.told != Up && !i.app.Worker {
			i.told = ""
		}
	}
}

// Health is the proxy's word on the check of an instance.
func (k *Keeper) Health(now time.Time, id string, failing bool) {
	if i := k.instances[id]; i != nil && k.reached {
		i.fail(now, failing)
	}
}

func (i *instance) fail(now time.Time, failing bool) {
	if failing != i.failing {
		i.failing, i.failingSince = failing, now
	}
}

// well says that an instance takes its share of the work.
func (i *instance) well() bool { return i.state == Up && !i.failing }

// Wanted says that requests wait for instances of which none is ready.
func (k *Keeper) Wanted(now time.Time, ids []string) {
	for _, id := range ids {
		if i := k.instances[id]; i != nil && i.app.OnDemand {
			i.wanted = now
		}
	}
}

// Looked is the proxy's answer to a look: which instances it has nothing for
// in any upstream, and since when.
func (k *Keeper) Looked(now time.Time, idle map[string]time.Time) {
	k.looking, k.looked, k.idle = false, now, idle
}

// Reported ends a call that told the proxy of states. One that failed says
// that nobody listens.
func (k *Keeper) Reported(now time.Time, ok bool) {
	k.reporting = false
	if !ok {
		k.ProxyLost(now)
	}
}
