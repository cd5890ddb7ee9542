// Package man writes the manual pages, from what the command and the spec are
// made of: a page for each verb from the verb itself, webstack.toml(5) from
// the table of keys. So a flag or a key cannot be there and its manual not.
//
// A page is mdoc(7) text. It is written by a page, which knows how text
// becomes mdoc: what needs an escape, one sentence a line, and the little
// Markdown (`code`, **strong**, lists) that help texts and the table of keys
// are written in.
//
// Nothing here reads a clock: the date of a page is its caller's.
package man
