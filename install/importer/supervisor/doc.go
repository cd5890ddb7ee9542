// Package supervisor reads supervisord.conf: a text goes in, its sections with
// their keys come out, each with its file and line.
//
// Its nouns: a [Section] is what stands below one "[header]"; a [Key] is one
// "name = value" in it; [Expand] fills in the "%(name)s" of a value.
//
// It promises that every key of the text is in a section, and that any text is
// read to its end. It reads as supervisor 4 on Python 3 does: ";" and "#" begin
// a comment at the start of a line and behind white space, an indented line
// goes on with the value above it, "=" and ":" both separate, names are taken
// in lower case, and a section or key that comes again replaces what was.
//
// Its limits: it does not know what a key means.
package supervisor
