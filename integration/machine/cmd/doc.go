// Command machine boots a throwaway machine and runs a shell or a command in
// it: go run ./integration/machine/cmd [-network own|host] [-root FOLDER] [COMMAND [ARG...]].
package main
