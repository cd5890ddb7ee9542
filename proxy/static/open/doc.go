// Package open opens files below a root so that neither a path nor a symlink
// leaves it.
package open
