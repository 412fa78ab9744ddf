#!/bin/bash
# SPDX-License-Identifier: MIT
#
# completion.sh PSRING - bash and zsh complete each subcommand, each option in the
# table of options, the words that an option takes, and the names of files.
set -eu
psring=$1
cd "$(dirname "$(readlink -f "$0")")/../../tools"
# shellcheck source=tools/completion.bash
. ./completion.bash

# As readline does once the function has offered nothing.
compopt()
{
	[ "$*" = "-o default" ] || exit 1
	completes_files=yes
}

# bash_offers WORD...: what completes the last word, sorted
bash_offers()
{
	local completes_files=
	COMP_WORDS=("$psring" "$@")
	COMP_CWORD=$#
	_psring "$psring" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
	{
		printf '%s\n' "${COMPREPLY[@]}"
		[ -z "$completes_files" ] || compgen -f -- "${COMP_WORDS[-1]}"
	} | sort
}

# zsh_offers WORD...: the same; here compadd only prints, and so does _files
zsh_offers()
{
	# shellcheck disable=SC2016 # for zsh to expand
	zsh -f -o extendedglob -c '
		compadd() { shift; print -rl -- ${(M)@:#$words[-1]*} }
		_files() { print -rl -- $words[-1]*(N) }
		complete() { local words=("$@") CURRENT=$#; . ./completion.zsh }
		complete "$@"' zsh "$psring" "$@" | sort
}

# offered EXPECTED WORD...: in place of the last word
offered()
{
	local expected=$1 got shell

	shift
	for shell in bash zsh; do
		got=$(${shell}_offers "$@" | xargs)
		[ "$got" = "$expected" ] || {
			echo "$shell: psring $*: \"$got\" is offered," \
				"not \"$expected\""
			exit 1
		}
	done
}

subcommands="doctor dump groups send stat stress"
offered "$subcommands" ""
offered "stat stress" st
offered "--format --json --netns" groups ""
offered "--consumers --count --cpus" dump --c
offered "auto bpf recvmmsg uring" dump --transport ""
offered "psample synthetic" stat --queues 2 --source ""
offered "max" send --to usersock:7 --rate ""
offered "" stress --duration ""
offered "--verbose" stress --duration 1 --verb
offered "" bogus --
for option in --write -w --read -r; do
	offered "completion.bash completion.zsh" dump $option completion.
done
offered "./netns.c ./netns.h" stat --netns ./netns
for option in --count -c --filter -x; do
	offered "" dump $option completion.
done

# The table of options is where all of them come from.
table=$(sed -n 's/^\t\t\.name = "\(.*\)",$/--\1/p' options_table.c | sort -u)
[ -n "$table" ]
for shell in bash zsh; do
	got=$(for subcommand in $subcommands; do
		${shell}_offers "$subcommand" --
	done | sort -u)
	diff <(echo "$table") <(echo "$got")
done
