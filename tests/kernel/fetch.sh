#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fetch.sh [KERNEL...] - put the kernels that guest.sh boots into a cache
#
#   uml-6.1    Debian 12's user-mode-linux
#   uml-6.12   Debian 13's user-mode-linux, beside the glibc that it needs
#   tcg-6.1    Debian 12's cloud kernel, for qemu's software emulation
#
# Without an argument: all of them. The cache is $PSR_KERNELS, by default
# /var/cache/psring-kernels; a kernel that is there stays, until its directory
# is removed. It must not be moved: the uml-6.12 binary names it.
#
# Layout: KERNEL/linux (executable or bzImage), KERNEL/lib/modules/VERSION.
#
# The packages come from the Debian mirror that this machine's apt uses, by a
# private apt configuration with the signatures checked by Debian's keyring.
# Nothing is installed. Needs the Debian packages apt, debian-archive-keyring,
# kmod, patchelf, util-linux (flock).
#
# Exit status: 0 all kernels are there; 1 no, and a line on stderr says why;
# 2 wrong arguments.
set -euo pipefail

cache=${PSR_KERNELS:-/var/cache/psring-kernels}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# shellcheck source=tests/mirror.sh
. "$(dirname "$(readlink -f "$0")")/../mirror.sh"

fail()
{
	echo "fetch.sh: $*" >&2
	exit 1
}

# Sets the array apt: the options that make apt see only Debian's suite $1.
use_suite()
{
	local suite=$1 dir=$work/apt-$1 mirror security

	mirror=$(repository 'bookworm|oldstable|trixie|stable')
	security=$(repository '(bookworm|oldstable|trixie|stable)-security')
	[ -n "$mirror" ] || fail "no Debian mirror in this machine's apt sources"

	apt=(-q -o Dir::State="$dir" -o Dir::Cache="$dir"
		-o Dir::State::status="$dir/status"
		-o Dir::Etc::sourcelist="$dir/sources.list"
		-o Dir::Etc::sourceparts=-
		-o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts="$dir/none"
		-o APT::Default-Release=
		-o APT::Sandbox::User=root)
	[ ! -d "$dir" ] || return 0

	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/none"
	: >"$dir/status"
	echo "deb [signed-by=$keyring] $mirror $suite main" \
		>"$dir/sources.list"
	[ -z "$security" ] ||
		echo "deb [signed-by=$keyring] $security $suite-security main" \
			>>"$dir/sources.list"
	run_apt update --error-on=any
}

# Runs apt-get quietly; if it fails, its first error is the reason told.
run_apt()
{
	apt-get "${apt[@]}" "$@" >"$work/apt.log" 2>&1 ||
		fail "apt-get $1 failed: $(grep -m1 '^E:' "$work/apt.log")"
}

# Unpacks the package $1 of the suite in use into the directory $2.
unpack()
{
	(cd "$work" && run_apt download "$1")
	dpkg-deb -x "$work/$1"_*.deb "$2"
	rm "$work/$1"_*.deb
}

# Moves the one directory lib/modules/VERSION to where guest.sh expects it.
take_modules()
{
	local from=$1 to=$2

	mkdir -p "$to/lib/modules"
	mv "$from"/* "$to/lib/modules/"
	depmod -b "$to" "$(ls "$to/lib/modules")"
}

fetch_uml()
{
	local new=$1

	unpack user-mode-linux "$work/uml"
	mv "$work/uml/usr/bin/linux.uml" "$new/linux"
	take_modules "$work/uml/usr/lib/uml/modules" "$new"
	rm -r "$work/uml"
}

# Makes the program $1/linux use the glibc of the suite in use. It is not
# started through ld.so because it executes /proc/self/exe again.
add_glibc()
{
	local new=$1 final=$2

	unpack libc6 "$work/libc6"
	mkdir "$new/glibc"
	cp -a "$work"/libc6/usr/lib/x86_64-linux-gnu/*.so* "$new/glibc/"
	rm -r "$work/libc6"
	patchelf --set-interpreter "$final/glibc/ld-linux-x86-64.so.2" \
		--set-rpath "$final/glibc" "$new/linux"
}

fetch_cloud()
{
	local new=$1 package

	package=$(apt-cache "${apt[@]}" depends linux-image-cloud-amd64 |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2 }')
	[ -n "$package" ] || fail "no package linux-image-cloud-amd64"
	unpack "$package" "$work/cloud"
	mv "$work"/cloud/boot/vmlinuz-* "$new/linux"
	take_modules "$work/cloud/lib/modules" "$new"
	rm -r "$work/cloud"
}

# Builds in the work directory, then renames: what is in the cache is complete.
fetch()
{
	local kernel=$1 new=$work/$1

	mkdir "$new"
	case $kernel in
	uml-6.1)
		use_suite bookworm
		fetch_uml "$new"
		;;
	uml-6.12)
		use_suite trixie
		fetch_uml "$new"
		add_glibc "$new" "$cache/$kernel"
		;;
	tcg-6.1)
		use_suite bookworm
		fetch_cloud "$new"
		;;
	esac
	mv "$new" "$cache/$kernel"
}

[ $# -gt 0 ] || set -- uml-6.1 uml-6.12 tcg-6.1
missing=()
for kernel; do
	case $kernel in
	uml-6.1 | uml-6.12 | tcg-6.1) ;;
	*)
		echo "fetch.sh: no kernel is called $kernel" >&2
		exit 2
		;;
	esac
	[ -d "$cache/$kernel" ] || missing+=("$kernel")
done
[ ${#missing[@]} -gt 0 ] || exit 0

for tool in apt-get dpkg-deb depmod patchelf flock; do
	command -v "$tool" >/dev/null || fail "$tool is not installed"
done
[ "$(dpkg --print-architecture)" = amd64 ] || fail "this machine is not amd64"
[ -r "$keyring" ] || fail "debian-archive-keyring is not installed"
mkdir -p "$cache" 2>/dev/null || fail "cannot create $cache"
cache=$(readlink -f "$cache")

exec 9>"$cache/.lock"
flock 9
work=$(mktemp -d "$cache/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for kernel in "${missing[@]}"; do
	[ -d "$cache/$kernel" ] || fetch "$kernel"
done
