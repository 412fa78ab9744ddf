#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deb.sh BUILD - the Debian packages are what Debian wants, and do in a clean
# Debian 12 what the README says; when they are gone, nothing of them is left
set -euo pipefail
build=$1
cd "$(dirname "$(readlink -f "$0")")"
cache=${PSR_DEBIAN:-/var/cache/psring-debian-12}
work=$build/deb

fail()
{
	echo "deb.sh: $*"
	exit 1
}

# in_root COMMAND...: without a network, and with netlink groups of its own. Nothing
# is mounted.
in_root()
{
	unshare --net chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# from_readme LANGUAGE: the block of it in the README
from_readme()
{
	# shellcheck disable=SC2016 # no expansion, but Markdown
	sed -n '/^```'"$1"'$/,/^```$/{/^```/!p}' ../../README.md
}

# What is there, but for what apt and dpkg write down about their work.
contents()
{
	(cd "$root" && find . -path ./var/log -prune -o -path ./var/cache -prune \
		-o -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune \
		-o -print | sort)
	in_root dpkg -l
}

[ -d "$cache" ] || fail "no $cache: run debian.sh"
rm -rf "$work"
mkdir "$work"
(cd "$build" && cpack -B "$work") >"$work/log" 2>&1 ||
	fail "cpack: $(cat "$work/log")"

# CPack knows no triggers: its ldconfig runs beside ours, and harms nothing.
lintian --allow-root --display-info --suppress-tags maintscript-calls-ldconfig \
	--fail-on none "$work"/*.deb >"$work/lintian"
if grep -E '^[EW]: |hardening-' "$work/lintian"; then
	fail "lintian"
fi
# Whoever builds them elsewhere gets the same.
for package in "$work"/*.deb; do
	if dpkg-deb --fsys-tarfile "$package" |
		grep -aF "$(readlink -f ../..)/" >"$work/log"; then
		fail "$package names the directory that it was built from"
	fi
done

# A copy by links, for whoever installs replaces files; but data in /var are
# written to where they are.
root=$(mktemp -d "$cache.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp -al "$cache/." "$root"
rm -r "${root:?}/var"
cp -a "$cache/var" "$root"

contents >"$work/before"
mkdir "$root/packages"
cp "$work"/*.deb "$root/packages"
in_root sh -c 'apt-get install -qy --no-install-recommends /packages/*.deb' \
	>"$work/log" 2>&1 || fail "$(cat "$work/log")"

# The program in the README, with the source that the README names for it.
mkdir "$root/try"
cp -r program.c project "$root/try"
from_readme c |
	sed 's/^\tpsr_config_init.*/&\n\tconfig.source = PSR_SOURCE_USERSOCK;\n\tconfig.usersock_group = 7;/' \
		>"$root/try/example.c"
from_readme cmake >"$root/try/example.cmake"
line=$(sed -n 's/^    \(cc example.c .*\)/\1/p' ../../README.md)
in_root sh -ec "cd /try; $line"
in_root sh -ec "cd /try; cmake -S project -B cmake -DEXAMPLE=/try/example
	cmake --build cmake" >"$work/log" 2>&1 ||
	fail "cmake: $(tail -n 20 "$work/log")"

# It does not say from when on it hears, and writes when its buffer is full: it is
# sent more until it has. What its buffer holds when it is killed is lost.
# shellcheck disable=SC2016 # for the shell in the root to expand
hear='"$1" >lines &
	listener=$!
	for _ in $(seq 200); do
		[ -s lines ] && break
		psring send --to usersock:7 --count 1000 --size 100
	done
	kill $listener'
for example in ./a.out cmake/example; do
	in_root sh -c "cd /try; rm -f lines; $hear" sh $example \
		>"$work/log" 2>&1 || fail "$example: $(cat "$work/log")"
	count=$(grep -cx 'group 1: 100 bytes' "$root/try/lines") ||
		fail "$example: $(head -n 5 "$root/try/lines")"
	[ "$count" -ge "$(wc -l <"$root/try/lines")" ] ||
		fail "$example: not all lines are right"
	echo "$example: $count samples"
done

[ -f "$root/usr/share/zsh/vendor-completions/_psring" ] ||
	fail "zsh of Debian looks in vendor-completions"
for page in psring psring-bench psring-tuning psring.3 psr_queue_peek; do
	in_root man --warnings $page >"$work/page" 2>"$work/log"
	[ ! -s "$work/log" ] || fail "man $page: $(cat "$work/log")"
	grep -qx NAME "$work/page" || fail "man $page shows no page"
done

rm -r "$root/try" "$root/packages"
in_root apt-get purge -qy --autoremove psring 'libpsring*' \
	>"$work/log" 2>&1 || fail "$(cat "$work/log")"
contents >"$work/after"
diff "$work/before" "$work/after" || fail "purge leaves more, or less"
