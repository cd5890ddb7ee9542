// Command machine boots a throwaway machine and runs a shell or a command in
// it: go run ./integration/machine/cmd [-network own|host] [COMMAND [ARG...]].
package main
