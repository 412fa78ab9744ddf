#!/bin/bash
# SPDX-License-Identifier: MIT
#
# abi.sh BUILD - a program that runs with the last release runs with what was built
#
# libpsring.abi says what that release showed to programs. It is made anew with
# each release, for what took reserved space is then to be kept as well, and that
# is whenever the SONAME changes: this test leaves one in BUILD/abi.
set -euo pipefail
build=$1
cd "$(dirname "$(readlink -f "$0")")"
released=libpsring.abi
built=$build/abi/libpsring.abi

# Types are judged where the header shows them, and no path is of this machine.
mkdir -p "$build/abi"
abidw --headers-dir ../../lib/include --drop-private-types \
	--exported-interfaces-only --no-parameter-names --no-elf-needed \
	--no-corpus-path --no-comp-dir-path --no-show-locs \
	--no-write-default-sizes --type-id-style hash \
	"$build/lib/libpsring.so" |
	sed "s|path='.*/lib/|path='lib/|" >"$built"

soname()
{
	sed -n "s/.* soname='\(.*\)'.*/\1/p" "$1"
}

[ "$(soname "$built")" = "$(soname $released)" ] || {
	echo "abi.sh: the SONAME is $(soname "$built") now. If that is on" \
		"purpose: cp $built $PWD/$released"
	exit 1
}

# Whatever takes the place of reserved space is no change: in both, each struct
# ends where the released one's reserved space begins, but keeps its size. (The
# suppression has_data_member_inserted_between of abidiff 2.2 hides any change of
# such a struct, also members that move and a struct that grows.)
settled()
{
	awk -v quote="'" '
		/<class-decl / {
			split($0, part, quote)
			name = part[2]
		}
		/<data-member / {
			offset = $0
			gsub(/[^0-9]/, "", offset)
			offset += 0
		}
		FNR == NR {
			if (/<var-decl name=.reserved/)
				end[name] = offset
			next
		}
		/<data-member /, /<\/data-member>/ {
			if (name in end && offset >= end[name])
				next
		}
		{ print }
	' $released "$1" >"$build/abi/$2"
}

settled $released released.abi
settled "$built" built.abi
abidiff --no-added-syms "$build/abi/released.abi" "$build/abi/built.abi"
