#!/bin/bash
# SPDX-License-Identifier: MIT
#
# debian.sh - put a clean Debian 12 into a cache, for deb.sh to install into
#
# The cache is $PSR_DEBIAN, by default /var/cache/psring-debian-12; what is there
# stays, until that directory is removed. It has a compiler, pkg-config, CMake and
# man; and what our packages depend on as packages, not installed, so that only
# what they ask for gets in, and without a network.
#
# All comes from the Debian mirror that this machine's apt uses. Needs root and
# the Debian packages debootstrap, debian-archive-keyring, util-linux (flock).
set -euo pipefail

cache=${PSR_DEBIAN:-/var/cache/psring-debian-12}
installed=gcc,libc6-dev,pkg-config,cmake,make,man-db
downloaded="libbpf-dev libjansson4 libmicrohttpd12 libmnl-dev libncursesw6
	libpcap0.8 liburing-dev"
# shellcheck source=tests/mirror.sh
. "$(dirname "$(readlink -f "$0")")/../mirror.sh"

[ ! -d "$cache" ] || exit 0
exec 9>"$cache.lock"
flock 9
[ ! -d "$cache" ] || exit 0

fail()
{
	echo "debian.sh: $*" >&2
	exit 1
}

mirror=$(repository 'bookworm|oldstable|trixie|stable')
# As in Debian's cloud images: a file with a list. debootstrap knows only mirrors.
case $mirror in
mirror+file:*)
	mirror=${mirror#mirror+file:}
	mirror=$(awk '{ print $1; exit }' "${mirror%/}")
	;;
esac
[ -n "$mirror" ] || fail "no Debian mirror in this machine's apt sources"
work=$(mktemp -d "$cache.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$work/root

# What it mounts goes when it goes, whatever ends it. In a chroot / may be no mount,
# and then cannot be made private.
propagation=private
findmnt / >"$work/log" || propagation=unchanged
unshare --mount --propagation $propagation \
	debootstrap --variant=minbase --include=$installed \
	bookworm "$root" "$mirror" >"$work/log" 2>&1 || fail "debootstrap: $(tail -n 1 "$work/log")"
apt=(apt-get -q -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status"
	-o APT::Sandbox::User=root)
{
	"${apt[@]}" clean
	"${apt[@]}" update --error-on=any
	# shellcheck disable=SC2086 # the list is meant to be split
	"${apt[@]}" install -y --download-only $downloaded
} >"$work/log" 2>&1 || fail "apt-get: $(grep -m1 '^E:' "$work/log")"
# What is installed for a test need not outlive a loss of power.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/psring"
# Renamed last: what is in the cache is complete.
mv "$root" "$cache"
