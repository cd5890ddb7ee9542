// Package packaging holds what a package installs besides the binary, and how
// packages are made. The command carries the first spec itself, so that
// `webstack init` and the package agree.
//
//   - systemd, sysusers.d, tmpfiles.d, logrotate.d and webstack.toml are
//     installed as they are (but for the path of the binary in the units);
//   - man writes the manual pages, from the verbs and the table of keys;
//   - nfpm.yaml lists what is in a package, scripts are its maintainer scripts,
//     for deb and rpm alike;
//   - build.sh makes the packages, repo/build.sh an apt and a yum repository of
//     them; lint says what the linters may find, and why.
//
// A commit makes the same bytes wherever and whenever it is built. Installing
// enables and starts nothing; an upgrade touches no connection; a removal stops
// the proxy and lets the apps run; a purge removes what apply made.
package packaging
