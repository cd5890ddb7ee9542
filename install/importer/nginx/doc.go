// Package nginx reads nginx.conf: a text goes in, the tree of its directives
// comes out, each with its file and line.
//
// Its nouns: a [Directive] is a name, its arguments and, where it has one, its
// block; an [Include] gives the texts of an include's pattern; a [Problem] is
// a place that nginx itself would not read.
//
// It promises that every directive of the text is in the tree, whatever it is
// called, and that any text is read to its end. It reads as nginx's own
// scanner does: quotes, backslashes, comments, "${name}".
//
// Its limits: it knows the shape of a configuration and nothing of what a
// directive means. Blocks that hold no directives (types, map, geo, the
// *_by_lua_block of lua-nginx-module) are kept as one directive each.
package nginx
