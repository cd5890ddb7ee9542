// Package control is the proxy's API on a unix socket: version 1 of HTTP with
// JSON documents, its server and its client.
//
//	GET  /v1/status            Status
//	POST /v1/reload            ReloadResult; 422 where the config is rejected
//	POST /v1/drain             DrainRequest in, Status out
//	POST /v1/undrain           the same, back
//	POST /v1/report            ReportRequest in, ReportResult out
//	POST /v1/pause             PauseRequest in, Status out
//	POST /v1/resume            the same, back
//	POST /v1/maintenance       MaintenanceRequest in, Status out
//	GET  /v1/events            an Event a line, until either side ends it
//
// Any other answer is a Problem with its sentence: 400 where the request is
// not one (fields that are not known are refused, too), 403 where the peer may
// not ask, 404 where nothing has the name, with the names that there are, and
// 503 while the proxy stops. The documents are versioned and only grow: a
// client ignores fields that it does not know, and events of a kind that it
// does not know.
//
// Drains, pauses, maintenance and what was reported of units outlive a reload
// and a restart of the proxy; all but maintenance end with the machine's boot.
//
// A stream of events begins with the present state of every instance. It has
// no history: who was away learns what is, not what was. A subscriber that
// reads more slowly than things happen is cut, with a line that says so, and a
// line of kind "alive" ends every silence of ten seconds.
//
// Who may speak is decided by the kernel's word on the connecting process and
// not by what it sends: root, the user that the proxy runs as where it was
// started by hand, and the members of one group. There is no TCP, so that no
// page in an administrator's browser can reach it. Bodies, names, connections
// and subscribers are bounded, each wait has a deadline.
package control
