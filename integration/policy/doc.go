// Package policy holds the import table: who may know whom. The table is
// policy. A build that breaks it is wrong, not the table.
package policy
