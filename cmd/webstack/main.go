// Command webstack runs web apps as systemd units behind a socket-activated
// front proxy.
package main

func main() {}
