#!/bin/sh
# Builds webstack's packages into a folder: a deb and an rpm for each
# architecture. The same commit gives the same bytes, wherever, whenever and
# by whomever it is built.
#
# usage: build.sh FOLDER [ARCH...]      ARCH: amd64 arm64, all where none is named
#
# VERSION            what `git describe` says, or a version such as 1.2.3
# SOURCE_DATE_EPOCH  the time that all files get; that of the commit by default
set -eu

# The program's bound, in bytes.
largest=15000000

fail() {
	printf 'package: error: %s\n' "$*" >&2
	exit 1
}

[ $# -ge 1 ] || fail "usage: build.sh FOLDER [ARCH...]"
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- amd64 arm64
cd "$(dirname "$0")/.."
umask 022
export TZ=UTC LC_ALL=C
go=${GO:-go}

if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) ||
		fail "there is no commit to take the time from: set SOURCE_DATE_EPOCH"
fi
export SOURCE_DATE_EPOCH

# A version that dpkg and rpm order: a tag as it is, what is behind a tag above
# it, a bare commit by its time and below every release.
describe=${VERSION:-devel}
case $describe in
v[0-9]*.*) VERSION=${describe#v} ;;
[0-9]*.*) VERSION=$describe ;;
*) VERSION=0~git$(date -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$describe ;;
esac
VERSION=$(printf %s "$VERSION" | sed 's/-/+/; s/-/./g')
export VERSION

STAGE=$(mktemp -d)
export STAGE
trap 'rm -rf "$STAGE"' EXIT

# compile GOOS GOARCH PROGRAM
compile() {
	GOOS=$1 GOARCH=$2 CGO_ENABLED=0 $go build -trimpath -buildvcs=false \
		-ldflags "-s -w -buildid= -X main.version=$describe" -o "$3" ./cmd/webstack
}

# put FOLDER FILE...: copies files with the modes that they get.
put() {
	folder=$STAGE/$1
	shift
	install -d "$folder"
	install -m 0644 -- "$@" "$folder"
}

for arch in "$@"; do
	compile linux "$arch" "$STAGE/bin/$arch/webstack"
	size=$(wc -c <"$STAGE/bin/$arch/webstack")
	[ "$size" -le "$largest" ] || fail "webstack for $arch has $size bytes, more than $largest"
done

# The manual and the completions come from the program itself, as built for
# this machine.
compile "$($go env GOHOSTOS)" "$($go env GOHOSTARCH)" "$STAGE/webstack"
"$STAGE/webstack" manual --date "$SOURCE_DATE_EPOCH" "$STAGE/manual"
"$STAGE/webstack" schema >"$STAGE/webstack.schema.json"
gzip -9n "$STAGE"/manual/man*/*

for unit in packaging/systemd/*; do
	put systemd "$unit"
	sed -i 's|@bindir@|/usr/bin|g' "$STAGE/systemd/${unit##*/}"
done
put sysusers.d packaging/sysusers.d/*
put tmpfiles.d packaging/tmpfiles.d/*
put logrotate.d packaging/logrotate.d/*
put . packaging/webstack.toml packaging/copyright packaging/lint/lintian-overrides LICENSE CHANGELOG.md

# The examples as they are in the repository, without what running them left.
(cd examples && find . -type f ! -name '.*' ! -path '*/__pycache__/*') | sort | while read -r file; do
	put "examples/$(dirname "$file")" "examples/$file"
	case $(head -c 2 "examples/$file") in
	'#!') chmod 0755 "$STAGE/examples/$file" ;;
	esac
done

gzip -9nc CHANGELOG.md >"$STAGE/changelog.gz"
gzip -9nc >"$STAGE/changelog.Debian.gz" <<-END
	webstack ($VERSION-1) unstable; urgency=medium

	  * What is new is in /usr/share/doc/webstack/changelog.gz.

	 -- The webstack authors <webstack@users.noreply.github.com>  $(date -R -d "@$SOURCE_DATE_EPOCH")
END

find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
for arch in "$@"; do
	for kind in deb rpm; do
		ARCH=$arch $go tool -modfile=packaging/tools/go.mod nfpm package \
			--config packaging/nfpm.yaml --packager "$kind" --target "$out/" >&2
	done
done
(cd "$out" && sha256sum -- *.deb *.rpm)
