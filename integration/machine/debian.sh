#!/bin/sh
# Makes a folder that a machine can have as its root: another release of
# Debian, from the archive that this system's own apt uses.
#
# usage: debian.sh CODENAME DIR
#
# Exit 69 means that the archive cannot be reached, or has no such release.
set -eu

# What the scripts in a machine need, beside what makes a Debian.
packages=systemd,systemd-sysv,dbus,iproute2,procps,curl,ca-certificates,python3,python3-tornado,logrotate

fail() { printf 'debian: error: %s\n' "$*" >&2; }
hint() { printf 'debian: hint: %s\n' "$*" >&2; }

if [ $# != 2 ]; then
	fail "usage: debian.sh CODENAME DIR"
	exit 64
fi
codename=$1
dir=$2

if [ -e "$dir/etc/debian_version" ]; then
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	fail "cannot make a root of Debian $codename: that needs root"
	exit 77
fi
if ! command -v debootstrap >/dev/null 2>&1; then
	fail "cannot make a root of Debian $codename: debootstrap is not installed"
	hint "apt-get install debootstrap"
	exit 69
fi
# The archive of the main packages, not of their updates or security fixes.
# shellcheck disable=SC2016 # apt fills these in
archive=$(apt-get indextargets --format '$(LABEL) $(SUITE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
	awk '$1 == "Debian" && $2 !~ /-/ { print $3; exit }')
if [ -z "$archive" ]; then
	fail "cannot make a root of Debian $codename: apt has no archive of Debian"
	exit 69
fi
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy

log=$dir.log
new=$dir.new
mkdir -p "$(dirname -- "$dir")"
rm -rf -- "$new"
if ! debootstrap --variant=minbase --include="$packages" "$codename" "$new" "$archive" >"$log" 2>&1; then
	tail -n 5 "$log" >&2
	fail "cannot make a root of Debian $codename from $archive (all of it in $log)"
	rm -rf -- "$new"
	exit 69
fi
rm -rf -- "$new"/var/cache/apt/archives/*.deb "$log"
mv -- "$new" "$dir"
