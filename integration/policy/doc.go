// Package policy holds what is true of the whole module: the import table, who
// may know whom, and the table of HTTP rules with the tests that hold each
// (docs/http.md is written from it). A build that breaks it is wrong, not the
// table.
package policy
