// Package units renders what webstack gives to systemd: the template, target
// and slice of an app, the socket units of its instances where systemd binds
// their addresses, the socket unit of a listener, and the drop-ins that tie the
// listeners and the static folders to the shipped proxy units.
//
// Graceful is in the units: the template's gates make "active" mean "answers"
// and a stop wait for what is being answered, whoever starts or stops. Package
// readiness is what they do.
//
// Its nouns: an [App] and a [Listener] come in, a [File] goes out. A File is
// text that belongs below a unit folder; this package neither writes it nor
// asks systemd about it.
//
// It promises that
//   - the same input renders to the same bytes;
//   - every word of a command, every value of an environment variable and
//     every path reaches the process as the spec has it, whatever quotes,
//     backslashes, "%" or "$" it holds, and what cannot be said in a unit
//     file is an error and never a different command;
//   - each file begins with the line that [Managed] knows, and the template
//     carries its own hash into the environment of what it starts, so that
//     what runs can be compared with what is on disk.
//
// Its limits: it knows unit names that belong to the system only from a list
// ([CheckName]), not from the disk; and it does not resolve symlinks
// ([StaticParents] says what its caller must).
//
// The oldest systemd that the text is written for is 249.
package units
