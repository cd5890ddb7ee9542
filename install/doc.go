// Package install turns the operator's spec into what is on the machine.
//
// Its nouns: a [Desired] is what a spec means (unit files, the proxy's config,
// which units are to be up); an [Actual] is what the machine has; their
// difference is a [Plan], a list of steps in the order in which they are
// carried out, each with its reason. [Apply] carries out a plan. The result
// is a generation: a numbered folder that holds the spec's copy, every file
// that webstack owns, and the config.
//
// What it promises: a plan is exactly what an apply does. An apply that is
// killed at any step leaves a machine that serves, also after a reboot, and
// the next apply completes it: the record of what is pending is on disk
// before the first unit file, files are written by temp, fsync and rename,
// and the link "current" flips last. A file that webstack did not write is
// neither overwritten nor deleted. An interruption ends an apply between two
// steps: an instance that is out of rotation comes back first.
//
// An app that is deployed has, for each instance, a link of root's own to the
// release that it runs; [Deploy] switches them in turn and brings them back
// where a release is not good, from a record that survives a kill.
//
// Its limits: one machine, one apply at a time (a lock); a spec that changes
// an app's unit name is a removal and an addition.
package install
