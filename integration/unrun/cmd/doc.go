// Command unrun prints one line that counts and names the tests which could
// not run, as the file named by its argument has collected them.
package main
