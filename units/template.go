package units

import (
	"fmt"
	"strconv"
	"time"
)

// RenderApp renders the template, the target and the slice of an app, and the
// socket unit of each instance whose address systemd binds.
func RenderApp(a App) ([]File, error) {
	if err := checkApp(a); err != nil {
		return nil, fmt.Errorf("app %q: %w", a.Name, err)
	}
	var files []File
	renders := []func(App) (File, error){renderTemplate, renderTarget, renderSlice}
	for _, s := range a.Sockets {
		renders = append(renders, func(a App) (File, error) { return renderInstanceSocket(a, s) })
	}
	for _, render := range renders {
		f, err := render(a)
		if err != nil {
			return nil, fmt.Errorf("app %q: %w", a.Name, err)
		}
		files = append(files, f)
	}
	return files, nil
}

func checkApp(a App) error {
	if err := CheckName(a.Unit); err != nil {
		return err
	}
	for _, name := range a.Instances {
		if err := checkInstance(a.Unit, name); err != nil {
			return err
		}
		if a.SocketFolder {
			if err := checkSocketPath(SocketPath(a.Unit, name, false)); err != nil {
				return err
			}
		}
	}
	return nil
}

// header is what each file of an app begins with.
func (a App) header(b *builder) { b.header(fmt.Sprintf("%s, app %s", a.Source, a.Name)) }

func renderTemplate(a App) (File, error) {
	var b builder
	a.header(&b)
	b.section("Unit")
	b.setDescription(a.Name, " %i")
	// Stopping or restarting the target does so with every instance.
	b.setText("PartOf", TargetUnit(a.Unit))
	b.setText("After", "network.target")
	b.setUnits("Wants", a.DependsOn)
	b.setUnits("After", a.DependsOn)
	// systemd passes over keys of that prefix (systemd.unit(5)).
	b.setPlain("X-Address", a.Address)
	if len(a.Sockets) > 0 {
		// Not Requires=: a socket that is closed to be opened elsewhere must not
		// take the instance along, which goes on with its own copy.
		b.set("Wants", InstanceSocketUnit(a.Unit, "%i"))
		b.set("After", InstanceSocketUnit(a.Unit, "%i"))
	}
	// An instance is never given up: the default limit is five starts.
	b.set("StartLimitIntervalSec", "0")

	b.section("Service")
	b.set("Type", "exec")
	b.set("Slice", SliceUnit(a.Unit))
	a.identity(&b)
	a.environment(&b)
	a.process(&b)
	a.logs(&b)
	a.limits(&b)
	a.verbatim(&b)
	return b.file(TemplateUnit(a.Unit))
}

// identity is who the process is and where it stands.
func (a App) identity(b *builder) {
	b.setText("User", a.User)
	b.setText("Group", a.Group)
	switch {
	case a.Releases != "":
		// The link of the instance itself: one that comes back after a crash in
		// the middle of a deploy comes back on the release that it belongs to.
		b.fail(absolute("WorkingDirectory", a.Releases))
		b.set("WorkingDirectory", specifiers(a.Releases)+"/%i")
	case a.Directory != "":
		b.fail(absolute("WorkingDirectory", a.Directory))
		b.setText("WorkingDirectory", a.Directory)
	}
	b.setPlain("UMask", a.umask())
	if a.Nice != nil {
		b.set("Nice", strconv.Itoa(*a.Nice))
	}
}

// environment is PORT and INSTANCE, the app's own variables, which may
// replace those two, and the hash of all this.
func (a App) environment(b *builder) {
	b.set("Environment", "PORT=%i")
	b.set("Environment", "INSTANCE=%i")
	for _, v := range a.Env {
		value, err := environment(v, a.socket())
		b.fail(err)
		b.set("Environment", value)
	}
	b.WriteString(hashLine + "\n")
	for _, path := range a.EnvFiles {
		value, err := environmentFile(path)
		b.fail(err)
		b.set("EnvironmentFile", value)
	}
	for _, c := range a.Credentials {
		b.fail(credentialName(c.Name))
		b.fail(absolute("LoadCredential", c.Path))
		b.set("LoadCredential", c.Name+":"+specifiers(c.Path))
	}
}

// credentialName checks the part before the colon.
func credentialName(name string) error {
	for i := 0; i < len(name); i++ {
		if !isNameByte(name[i]) {
			return fmt.Errorf("credential %q may hold letters, digits and \"_.-\" alone", name)
		}
	}
	if name == "" || name == "." || name == ".." {
		return fmt.Errorf("credential %q needs a name", name)
	}
	return nil
}

// process is how the instance starts and ends, the gates included.
func (a App) process(b *builder) {
	exec, err := command(a.Command, a.socket())
	b.fail(err)
	a.folderGate(b)
	b.set("ExecStart", exec)
	a.readyGate(b)
	a.drainGate(b)
	a.restGate(b)

	b.setPlain("Restart", restart[a.Restart])
	b.set("RestartSec", delay(a.RestartDelay))
	b.set("TimeoutStartSec", timeout(a.startTimeout()))
	b.set("TimeoutStopSec", timeout(a.stopTimeout()))
	if a.StopSignal != "" {
		b.setPlain("KillSignal", "SIG"+a.StopSignal)
	}
	b.setPlain("KillMode", killMode[a.StopKill])
	for _, status := range a.SuccessExit {
		b.setPlain("SuccessExitStatus", status)
	}
}

var restart = map[string]string{"always": "always", "on-failure": "on-failure", "never": "no"}

// killMode says who gets the stop signal. "group" is every process of the
// instance at once (supervisor's stopasgroup); "process" the main one alone,
// for those that end their workers themselves. In both whoever is left when
// the main process is gone is killed, so that no child of an old instance
// holds its port: systemd's "process" would leave it.
var killMode = map[string]string{"group": "control-group", "process": "mixed"}

func (a App) logs(b *builder) {
	for _, o := range []struct{ key, to string }{
		{"StandardOutput", a.Stdout}, {"StandardError", a.Stderr},
	} {
		// Without StandardError= it follows StandardOutput= (systemd.exec(5)).
		if o.to == "" {
			continue
		}
		value, err := output(o.key, o.to)
		b.fail(err)
		b.set(o.key, value)
	}
}

func (a App) limits(b *builder) {
	if a.MemoryBytes > 0 {
		b.set("MemoryMax", strconv.FormatInt(a.MemoryBytes, 10))
	}
	if a.CPUPercent > 0 {
		b.set("CPUQuota", strconv.Itoa(a.CPUPercent)+"%")
	}
	if a.Tasks > 0 {
		b.set("TasksMax", strconv.Itoa(a.tasks()))
	}
	if a.OpenFiles > 0 {
		b.set("LimitNOFILE", strconv.Itoa(a.OpenFiles))
	}
}

// verbatim comes last, so that what the operator says there holds.
func (a App) verbatim(b *builder) {
	for _, k := range a.Service {
		b.fail(serviceKey(k.Name))
		for _, value := range k.Values {
			b.fail(line(k.Name, value))
			b.set(k.Name, value)
		}
	}
}

func serviceKey(name string) error {
	for i := 0; i < len(name); i++ {
		if !isAlphanumeric(name[i]) && name[i] != '-' {
			return fmt.Errorf("%q is not a key of [Service]", name)
		}
	}
	if name == "" {
		return fmt.Errorf("a key of [Service] needs a name")
	}
	return nil
}

// renderTarget starts with the machine, and with it what the app's start says:
// its instances, only the sockets that wake them, or nothing.
func renderTarget(a App) (File, error) {
	var b builder
	a.header(&b)
	b.section("Unit")
	b.setDescription(a.Name, ": every instance")
	if a.AtBoot || a.OnDemand {
		for _, s := range a.Sockets {
			b.setText("Wants", InstanceSocketUnit(a.Unit, s.Instance))
		}
	}
	if a.AtBoot {
		for _, name := range a.Instances {
			b.setText("Wants", InstanceUnit(a.Unit, name))
		}
	}
	b.section("Install")
	b.set("WantedBy", "multi-user.target")
	return b.file(TargetUnit(a.Unit))
}

func renderSlice(a App) (File, error) {
	var b builder
	a.header(&b)
	b.section("Unit")
	b.setDescription(a.Name, ": every instance")
	return b.file(SliceUnit(a.Unit))
}

// timeout writes a bound; zero is none (systemd.service(5)).
func timeout(d time.Duration) string {
	if d == 0 {
		return "infinity"
	}
	return delay(d)
}

// delay writes a time span in the largest unit that keeps it whole.
func delay(d time.Duration) string {
	switch {
	case d%time.Second == 0:
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	case d%time.Millisecond == 0:
		return strconv.FormatInt(int64(d/time.Millisecond), 10) + "ms"
	default:
		return strconv.FormatInt(int64(d/time.Microsecond), 10) + "us"
	}
}
