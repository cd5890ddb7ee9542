// Package open opens files below a root so that neither a path nor a symlink
// leaves it.
//
// A [Root] is a folder by its path; [Root.Open] gives a [File], an open
// descriptor of a regular file or directory with the facts of its fstat, or an
// error that is one of the Err values and so a status.
//
// What it promises: the kernel resolves the name below the root
// (openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS), so there is no
// moment between a check and an open in which a symlink could be switched. A
// symlink that is absolute or leads out is resolved to a descriptor first; the
// real path of that descriptor must lie below the root or one of the folders
// that the operator named, and then that very descriptor is reopened. Opening
// never blocks on a FIFO, and only regular files and directories come out.
//
// Its limits: Linux 5.6 or newer; /proc must be mounted for links that lead
// out. A hard link or a bind mount below the root is inside of it. Reading a
// file on a slow disk can still block.
package open
