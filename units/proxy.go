package units

// RenderProxy renders the drop-ins for the shipped units: the umbrella's that
// opens every listener, and the service's that inherits them and sees the
// static folders (of [StaticParents]).
func RenderProxy(listeners []Listener, staticParents []string) ([]File, error) {
	var sockets []string
	for _, l := range listeners {
		sockets = append(sockets, SocketUnit(l.Name))
	}
	umbrella, err := renderUmbrella(sockets)
	if err != nil {
		return nil, err
	}
	service, err := renderService(sockets, staticParents)
	if err != nil {
		return nil, err
	}
	return []File{umbrella, service}, nil
}

// dropIn is the name of webstack's drop-ins. An operator's of a higher number
// overrides it.
const dropIn = ".d/50-webstack.conf"

func renderUmbrella(sockets []string) (File, error) {
	var b builder
	b.header("the listeners of all sites")
	b.section("Unit")
	// Wants, not Requires: a port that is taken costs its own site alone.
	// After: `systemctl start` returns when the ports are open.
	b.setUnits("Wants", sockets)
	b.setUnits("After", sockets)
	return b.file(ProxySocket + dropIn)
}

func renderService(sockets, staticParents []string) (File, error) {
	var b builder
	b.header("the listeners and the static folders of all sites")
	b.section("Service")
	// A running proxy that was started from another drop-in has other sockets
	// or another view of the disk: by this it is known.
	b.WriteString(hashLine + "\n")
	b.setUnits("Sockets", sockets)
	for _, path := range staticParents {
		b.fail(absolute("BindReadOnlyPaths", path))
		b.set("BindReadOnlyPaths", bindSource(path))
	}
	return b.file(ProxyService + dropIn)
}
