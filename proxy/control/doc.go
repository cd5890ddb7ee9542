// Package control is the proxy's API on a unix socket: version 1 of HTTP with
// JSON documents, its server and its client.
//
//	GET  /v1/status            Status
//	POST /v1/reload            ReloadResult; 422 where the config is rejected
//	POST /v1/drain             DrainRequest in; 404 where nobody has it
//	POST /v1/undrain           the same, back
//
// Any other answer is a Problem with its sentence. The documents are versioned
// and only grow: a client ignores fields that it does not know.
//
// Who may speak is decided by the kernel's word on the connecting process and
// not by what it sends: root, the user that the proxy runs as where it was
// started by hand, and the members of one group. There is no TCP, so that no
// page in an administrator's browser can reach it.
package control
