#!/bin/bash
# SPDX-License-Identifier: MIT
#
# completion.sh PSRING - the shell completes each subcommand, each option in the
# table of options, and the words that an option takes.
set -eu
psring=$1
cd "$(dirname "$(readlink -f "$0")")/../../tools"
# shellcheck source=tools/completion.bash
. ./completion.bash

# bash_offers WORD...: what completes the last word, sorted
bash_offers()
{
	COMP_WORDS=("$psring" "$@")
	COMP_CWORD=$#
	_psring "$psring" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

# offered EXPECTED WORD...: in place of the last word
offered()
{
	local expected=$1 got

	shift
	got=$(bash_offers "$@" | xargs)
	[ "$got" = "$expected" ] || {
		echo "psring $*: \"$got\" is offered, not \"$expected\""
		exit 1
	}
}

subcommands="dump groups send stat stress"
offered "$subcommands" ""
offered "stat stress" st
offered "--format --json" groups ""
offered "--consumers --count --cpus" dump --c
offered "auto bpf recvmmsg uring" dump --transport ""
offered "psample synthetic" stat --queues 2 --source ""
offered "max" send --to usersock:7 --rate ""
offered "" stress --duration ""
offered "--verbose" stress --duration 1 --verb
offered "" bogus --

# The table of options is where all of them come from.
table=$(sed -n 's/^\t\t\.name = "\(.*\)",$/--\1/p' options.c | sort -u)
got=$(for subcommand in $subcommands; do
	bash_offers "$subcommand" --
done | sort -u)
[ -n "$table" ]
diff <(echo "$table") <(echo "$got")
