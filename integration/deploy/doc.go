// Package deploy puts webstack and the example application into a machine, as
// a package and an operator would: for the tests and the demo alike.
//
// A staged folder is what `make install DESTDIR=` fills: made once, copied
// into as many machines as there are.
package deploy
