#!/bin/bash
# SPDX-License-Identifier: MIT
#
# install.sh BUILD - what is installed is found, linked with and run, by the lines
# in the README and by others; and the header alone is a header everywhere.
set -eu
build=$1
cd "$(dirname "$(readlink -f "$0")")"
work=$build/package
rm -rf "$work"
mkdir "$work"
cmake --install "$build" --prefix "$work/prefix" >/dev/null
# All that a program takes when it is there.
cmake --install "$build" --prefix "$work/runtime" --component lib >/dev/null

PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name psring.pc)")
LD_LIBRARY_PATH=$(dirname "$(find "$work/runtime" -name 'libpsring.so.*' -type f)")
export PKG_CONFIG_PATH LD_LIBRARY_PATH

fail()
{
	echo "install.sh: $*"
	exit 1
}

# runs PROGRAM shared|static: it says its transport, with that library
runs()
{
	local linked=static

	[ "$("$1")" = recvmmsg ] || fail "$1 says: $("$1")"
	if ldd "$1" | grep -q libpsring; then
		linked=shared
	fi
	[ $linked = "$2" ] || fail "$1 is linked with the $linked library"
	echo "$1 runs, $2"
}

# from_readme LANGUAGE: the block of it in the README
from_readme()
{
	# shellcheck disable=SC2016 # no expansion, but Markdown
	sed -n '/^```'"$1"'$/,/^```$/{/^```/!p}' ../../README.md
}

# The noise of -Weverything: what C++98 lacks, which nobody asks for, and
# kernel-doc, which is not Doxygen's.
everything="-Weverything -Wno-c++98-compat-pedantic
	-Wno-documentation-unknown-command"

# header COMPILER LANGUAGE OPTION...: the header alone, without a warning
header()
{
	local compiler=$1 language=$2

	shift 2
	# shellcheck disable=SC2046 # the options are meant to be split
	"$compiler" -x "$language" -Werror -fsyntax-only "$@" \
		$(pkg-config --cflags psring) - <<<'#include "psring.h"' ||
		fail "the header, by $compiler $*"
}

header gcc c -std=c11 -pedantic -Wall -Wextra
# shellcheck disable=SC2086 # the options are meant to be split
header clang c -std=c11 $everything
for standard in 11 14 17 20; do
	header g++ c++ -std=c++$standard -pedantic -Wall -Wextra
	# shellcheck disable=SC2086
	header clang++ c++ -std=c++$standard $everything
done

from_readme c >"$work/example.c"
from_readme cmake >"$work/example.cmake"
line=$(sed -n 's/^    \(cc example.c .*\)/\1/p' ../../README.md)
(cd "$work" && eval "$line" && ldd a.out | grep libpsring)
for compiler in "gcc -std=c11" "clang -std=c17" "g++ -x c++" "clang++ -x c++"; do
	# shellcheck disable=SC2046,SC2086
	$compiler -pedantic -Wall -Wextra -Werror -fsyntax-only \
		$(pkg-config --cflags psring) "$work/example.c" ||
		fail "the program in the README, by $compiler"
done

# shellcheck disable=SC2046
cc -o "$work/shared" program.c $(pkg-config --cflags --libs psring)
runs "$work/shared" shared
# Not -static: libmnl comes without a static library.
# shellcheck disable=SC2046
cc -o "$work/static" program.c $(pkg-config --static --cflags --libs psring |
	sed 's/-lpsring/-l:libpsring.a/')
runs "$work/static" static

cmake -S project -B "$work/project" -G Ninja -DEXAMPLE="$work/example" \
	-DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/project"
runs "$work/project/shared" shared
runs "$work/project/static" static

# And a project that has this one within.
cmake -S project -B "$work/within" -G Ninja -DEXAMPLE="$work/example" \
	-DPSRING_SOURCE="$PWD/../.." >/dev/null
cmake --build "$work/within" --target shared static >/dev/null
runs "$work/within/shared" shared
runs "$work/within/static" static

"$work/prefix/bin/psring" --version
"$work/prefix/bin/psample" --help | grep -q '^Usage: psample' ||
	fail "psample is not the drop-in"
for page in man1/psring-bench.1 man3/psring.3 man3/psr_open.3 \
	man3/psr_config.3 man7/psring-tuning.7 man8/psring.8 man8/psample.8; do
	[ -s "$work/prefix/share/man/$page" ] || fail "no manual page $page"
done
