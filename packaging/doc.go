// Package packaging holds what a package installs besides the binary: the
// shipped units, users, folders and the first spec. The command carries the
// spec itself, so that `webstack init` and the package agree.
package packaging
