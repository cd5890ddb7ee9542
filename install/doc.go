// Package install turns the operator's spec into what is on the machine:
// desired, actual, their difference as a plan, and applying it.
package install
