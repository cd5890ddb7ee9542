// Package open opens files below a root so that neither a path nor a symlink
// leaves it, keeps them open while they are asked for, and tells what would
// have to wait for the disk.
//
// Its nouns:
//
//   - a [Root] is a folder by its path; [Root.Open] gives a [File], an open
//     descriptor of a regular file or directory with the facts of its fstat,
//     or an error that is one of the Err values and so a status;
//   - a [Cache] keeps what was opened for a second, with the index of a folder
//     and the compressed forms of a file; it belongs to one loop;
//   - an [Entry] is what it knows of a name, and answers requests;
//   - a [Fill] is an open that has to be done on another thread, and [Warm] a
//     read; [ReadNow] and [Resident] say when.
//
// What it promises: the kernel resolves the name below the root
// (openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS), so there is no
// moment between a check and an open in which a symlink could be switched. A
// symlink that is absolute or leads out is resolved to a descriptor first; the
// real path of that descriptor must lie below the root or one of the folders
// that the operator named, and then that very descriptor is reopened. Opening
// never blocks on a FIFO, and only regular files and directories come out. A
// file that is replaced, removed or created, and a release that is switched,
// is seen after a second at most; a descriptor in use is not closed.
//
// Its limits: Linux 5.6 or newer; /proc must be mounted for links that lead
// out. A hard link or a bind mount below the root is inside of it. A file that
// is written in place, rather than replaced, is sent as it then is, under the
// length, tag and date of up to a second ago; if it has become shorter, the
// answer cannot be completed.
//
// What still blocks a loop: opening, on kernels before 5.12, which cannot be
// asked to open from memory alone; opening on FUSE and network file systems,
// whose servers are asked even where the name is known; reading on file
// systems that cannot tell what is in memory; a page within a stretch whose
// ends are in memory, or one that is evicted between the question and the
// read; and closing the last descriptor of a large file that was deleted,
// whose blocks are freed then.
package open
