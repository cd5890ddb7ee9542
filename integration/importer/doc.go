// Package importer compares nginx with what `webstack import` makes of its
// configuration: for each file of the corpus in install/importer/testdata,
// nginx runs it, `webstack serve --foreground` runs the converted spec, both
// before the same applications and files, and the requests that the file names
// must be answered alike.
//
// Its nouns: a [Case] is a file of the corpus with its requests; an [Answer] is
// what one of the two gave; the rules in compare.go say what "alike" is, and a
// request may name what differs. A difference that is named must be there: the
// list stays true.
//
// It needs nginx on the machine, and is skipped, loudly, where there is none.
package importer
