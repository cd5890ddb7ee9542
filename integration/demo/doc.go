// Command demo shows webstack at work on a throwaway machine: `make demo`.
//
// It boots the machine, installs webstack and the example application in it
// as an operator would, and hands two ports of the host on to it. With -once
// it shows a handful of requests and exits by what came of them; without, it
// stays until it is interrupted. Nothing of it remains on the host.
package main
