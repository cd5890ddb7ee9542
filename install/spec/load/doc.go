// Package load reads the files of a spec from the disk, in the order in which
// they are merged, and hands them to the parser: webstack.toml, conf.d/*.toml
// and override.d/*.toml of a folder, or one file by itself.
//
// It takes regular files only, of a bounded size and number. A symbolic link
// to one is followed, as configuration management makes them; a fifo or a
// device, which would block or never end, is refused.
package load
