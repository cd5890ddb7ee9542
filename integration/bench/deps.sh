#!/bin/sh
# Installs what is compared and what loads it, from Debian's archive (or a
# derivative's), and builds Caddy from the Go module proxy into bin/. Without
# Caddy the comparison goes on and says so. Where all is there, it does nothing.
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'deps: %s\n' "$*"; }
fail() { printf 'deps: error: %s\n' "$*" >&2; }

want=
for need in nginx haproxy wrk; do
	command -v "$need" >/dev/null 2>&1 || [ -x "/usr/sbin/$need" ] || want="$want $need"
done
if [ -n "$want" ]; then
	say "missing:$want"
	if ! command -v apt-get >/dev/null 2>&1; then
		fail "cannot install$want: there is no apt-get on this system"
		exit 1
	fi
	if [ "$(id -u)" != 0 ]; then
		fail "cannot install$want: that needs root"
		exit 77
	fi
	export DEBIAN_FRONTEND=noninteractive
	log=$(mktemp)
	policy=/usr/sbin/policy-rc.d
	made=
	trap 'rm -f "$log"; [ -z "$made" ] || rm -f "$policy"' EXIT
	# The packages start their services, which would take cores and ports.
	# invoke-rc.d asks this program, if there is one: 101 is no.
	# (/usr/share/doc/sysv-rc/README.policy-rc.d)
	if [ ! -e "$policy" ]; then
		made=1
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 0755 "$policy"
	fi
	# shellcheck disable=SC2086 # a list of package names
	apt-get install -y --no-install-recommends $want >"$log" 2>&1 ||
		{ apt-get update >"$log" 2>&1 && apt-get install -y --no-install-recommends $want >"$log" 2>&1; } ||
		{
			fail "cannot install$want: $(tail -n 1 "$log")"
			exit 1
		}
	say "installed:$want"
fi

# Built anew only when its version changes: the go command sees to it.
go build -C integration/bench/caddy -trimpath -ldflags '-s -w' -o "$PWD/bin/caddy" \
	github.com/caddyserver/caddy/v2/cmd/caddy || say "Caddy cannot be built; the comparison goes on without it"
