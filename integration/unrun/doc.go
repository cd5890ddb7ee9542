// Package unrun counts the tests that this host cannot run, so that none is
// skipped in silence.
//
// A test that cannot run calls Skip. Where the environment names a file in
// WEBSTACK_UNRUN, the test and its reason become a line of it, and the runner
// prints Summary of it after all tests. It promises one entry per skip, also
// from test binaries that run at the same time. What is left out by -short or
// -run is the caller's choice and not counted.
package unrun
