#!/bin/sh
# Makes an apt and a yum repository of packages: folders to put on a web server.
#
# usage: build.sh PACKAGES FOLDER
#
# SIGN_KEY           the GnuPG key that signs both; unsigned where it is not set
# SOURCE_DATE_EPOCH  the time that they are dated by; that of the commit by default
set -eu

say() { printf 'repo: %s\n' "$*"; }
fail() {
	printf 'repo: error: %s\n' "$*" >&2
	exit 1
}

[ $# = 2 ] || fail "usage: build.sh PACKAGES FOLDER"
packages=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
for tool in apt-ftparchive createrepo_c; do
	command -v "$tool" >/dev/null 2>&1 || fail "cannot make a repository: there is no $tool (Debian: apt-utils, createrepo-c)"
done
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
	SOURCE_DATE_EPOCH=$(git -C "$(dirname "$0")" log -1 --format=%ct 2>/dev/null) ||
		fail "there is no commit to take the time from: set SOURCE_DATE_EPOCH"
fi
umask 022
export TZ=UTC LC_ALL=C

# put KIND FOLDER: fills a new folder with the packages of one kind.
put() {
	rm -rf -- "$2"
	mkdir -p "$2"
	cp -- "$packages"/*."$1" "$2"/
	touch -d "@$SOURCE_DATE_EPOCH" "$2"/*."$1"
}

# apt: a flat repository, "deb [signed-by=KEY] URL ./" in sources.list(5).
put deb "$out/apt"
(
	cd "$out/apt"
	apt-ftparchive packages . >Packages
	gzip -9nk Packages
	# A flat repository names no suite. Date is what apt compares.
	apt-ftparchive -o APT::FTPArchive::Release::Origin=webstack \
		-o APT::FTPArchive::Release::Label=webstack \
		-o APT::FTPArchive::Release::Date="$(date -R -u -d "@$SOURCE_DATE_EPOCH")" \
		release . >../Release
	mv ../Release Release
)

put rpm "$out/yum"
createrepo_c --quiet --revision "$SOURCE_DATE_EPOCH" --set-timestamp-to-revision \
	--general-compress-type=gz --no-database "$out/yum"

if [ -n "${SIGN_KEY-}" ]; then
	gpg --batch --yes --local-user "$SIGN_KEY" --armor --clearsign --output "$out/apt/InRelease" "$out/apt/Release"
	gpg --batch --yes --local-user "$SIGN_KEY" --armor --detach-sign "$out/yum/repodata/repomd.xml"
	gpg --batch --armor --export "$SIGN_KEY" >"$out/webstack.asc"
else
	say "not signed: set SIGN_KEY to the key to sign with"
fi
say "apt: $out/apt, yum: $out/yum"
