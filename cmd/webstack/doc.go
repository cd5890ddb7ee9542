// Command webstack runs web apps as systemd units behind a socket-activated
// front proxy: one TOML file says what is to run, `webstack apply` makes it so.
//
// One file holds one verb. This is the only package that prints or exits.
package main
