#!/bin/sh
# Installs what the tests and the demo need beyond Go, git and make, from
# Debian's archive (or a derivative's). Where nothing is missing it does
# nothing, and asks the network nothing.
#
# usage: deps.sh [--check] [packages] [seed]
#
# --check names what is missing and installs none. With "packages", what
# `make package-test` needs is asked for too; with "seed", nginx and supervisor,
# which the lossless tests compare with.
set -eu

# Each package and how its presence is seen: a file, or a Python module.
needs='
systemd            /usr/bin/systemctl
dbus               /usr/share/dbus-1/system.conf
polkitd            /usr/lib/polkit-1/polkitd:/usr/libexec/polkitd
util-linux         /usr/bin/nsenter
iproute2           /usr/bin/ip:/usr/sbin/ip:/sbin/ip:/bin/ip
procps             /usr/bin/ps:/bin/ps
curl               /usr/bin/curl
ca-certificates    /etc/ssl/certs/ca-certificates.crt
python3            /usr/bin/python3
python3-tornado    python:tornado
gunicorn           /usr/bin/gunicorn
'
package_needs='
debootstrap        /usr/sbin/debootstrap
lintian            /usr/bin/lintian
mandoc             /usr/bin/mandoc
shellcheck         /usr/bin/shellcheck
rpm                /usr/bin/rpm
rpmlint            /usr/bin/rpmlint
apt-utils          /usr/bin/apt-ftparchive
createrepo-c       /usr/bin/createrepo_c
'
seed_needs='
nginx              /usr/sbin/nginx
supervisor         /usr/bin/supervisord
'

check=
for word in "$@"; do
	case $word in
	--check) check=yes ;;
	packages) needs=$needs$package_needs ;;
	seed) needs=$needs$seed_needs ;;
	*)
		printf 'deps: error: %s is not known\n' "$word" >&2
		exit 64
		;;
	esac
done

say() { printf 'deps: %s\n' "$*"; }
fail() { printf 'deps: error: %s\n' "$*" >&2; }
hint() { printf 'deps: hint: %s\n' "$*" >&2; }

# present SIGN: is one of the files, or the module, there? Modules are asked of
# the system's own Python, which is what the units run.
present() {
	case $1 in
	python:*) /usr/bin/python3 -c "import ${1#python:}" 2>/dev/null ;;
	*)
		rest=$1:
		while [ -n "$rest" ]; do
			[ -e "${rest%%:*}" ] && return 0
			rest=${rest#*:}
		done
		return 1
		;;
	esac
}

missing() {
	printf '%s' "$needs" | while read -r package sign; do
		[ -n "$package" ] || continue
		present "$sign" || printf '%s ' "$package"
	done
}

want=$(missing)
want=${want% }
if [ -z "$want" ]; then
	exit 0
fi
say "missing: $want"
if [ -n "$check" ]; then
	exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
	fail "cannot install $want: there is no apt-get on this system"
	hint "install what corresponds to them by this system's own package manager, then run make again"
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	fail "cannot install $want: that needs root"
	hint "sudo apt-get update && sudo apt-get install --no-install-recommends $want"
	exit 77
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made=
trap 'rm -f "$log"; [ -z "$made" ] || rm -f "$policy"' EXIT
# No package is to start a service on this host. invoke-rc.d asks this program,
# if there is one: 101 is no. (/usr/share/doc/sysv-rc/README.policy-rc.d)
if [ ! -e "$policy" ]; then
	made=1
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 0755 "$policy"
fi

# The lists may be old or absent: only if the install fails on them as they
# are is the archive asked for new ones.
get() { apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; }
# shellcheck disable=SC2086 # a list of package names
if ! get $want; then
	if ! apt-get update >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		fail "cannot update the package lists"
		hint "is the archive in /etc/apt/sources.list reachable from here? (proxies: /etc/apt/apt.conf.d)"
	fi
	# One by one, so that what cannot be had is named and the rest is there.
	for package in $want; do
		if ! get "$package"; then
			fail "cannot get $package: $(grep -m1 '^E: ' "$log" || tail -n 1 "$log")"
		fi
	done
fi

still=$(missing)
still=${still% }
if [ -n "$still" ]; then
	fail "still missing: $still"
	hint "apt-cache policy $still"
	exit 1
fi
say "installed: $want"
