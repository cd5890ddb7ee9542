// Package integration tests webstack on a real systemd, by scripts.
//
// A script is a txtar file in testdata/script: commands, one a line, and the
// files that they use. Beside the commands of testscript there are verbs for
// machines, requests and load; testdata/script/README.md lists them. Each
// script has machines of its own (integration/machine), booted when first
// used and ended with the script, and at most three scripts run at once.
//
// On a host that cannot boot machines the scripts are not run, and each is
// named by integration/unrun.
package integration
