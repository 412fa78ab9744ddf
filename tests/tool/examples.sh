#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples.sh PSRING - each --help has a few examples, and each of them, as of
# those in the manual pages, is a command line that makes sense.
set -eu
psring=$1
psample=$(dirname "$psring")/psample
manuals=$(dirname "$(readlink -f "$0")")/../../tools

fail()
{
	echo "$*"
	exit 1
}

# run COMMAND...: with the three standard descriptors, and one for the loader
run()
{
	local fd
	for fd in "/proc/$BASHPID/fd/"*; do
		((${fd##*/} < 3)) || eval "exec ${fd##*/}>&-"
	done
	exec prlimit --nofile=4 "$@"
}

# check LINE: descriptors are what each example needs beyond its command line.
# Without any to be had it ends with status 1, whatever the machine is, and
# disturbs nothing.
check()
{
	local line=$1 status=0
	eval "set -- ${line%% [|&]*}"
	case $1 in
	psring) shift && set -- "$psring" "$@" ;;
	psample) shift && set -- "$psample" "$@" ;;
	*) fail "of another program: $line" ;;
	esac
	(run "$@") >/dev/null 2>&1 </dev/null || status=$?
	[ $status -eq 1 ] || fail "status $status: $line"
}

# help COMMAND...: has two examples to four, and all are its own
help()
{
	local line lines
	mapfile -t lines < <("$(dirname "$psring")/$1" "${@:2}" --help |
		sed -n '/^Examples:$/,$ s/^  \([a-z].*\)/\1/p')
	((${#lines[@]} >= 2 && ${#lines[@]} <= 4)) ||
		fail "$*: ${#lines[@]} examples"
	for line in "${lines[@]}"; do
		[[ "$line " = "$* "* ]] || fail "of $*: $line"
		check "$line"
	done
}

help psample
help psring
for subcommand in $("$psring" --help | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'); do
	help psring "$subcommand"
done

for tool in psring psample; do
	mapfile -t lines < <(sed -n '/^\.Sh EXAMPLES$/,/^\.Sh SEE/ {
		s/^\.Dl # //
		s/^\('$tool' .*\)/\1/p
	}' "$manuals/$tool.8")
	[ ${#lines[@]} -gt 0 ] || fail "no examples in $tool.8"
	for line in "${lines[@]}"; do check "$line"; done
done
