// Package load reads the files that install/importer converts, with all that
// they include.
//
// It promises that reading changes nothing, ends (files and includes are
// bounded), and never waits on what is no regular file.
package load
