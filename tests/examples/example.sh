# SPDX-License-Identifier: MIT
#
# example.sh - what the tests of the examples have in common; to be sourced by
# NAME.sh PSRING EXAMPLE. Output and errors of the example: $work/out, $work/err.
# shellcheck shell=bash
set -eu
psring=$1
example=$2
group=30
work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill -KILL "$listener"; rm -rf "$work"' EXIT

# listen ARGUMENT... : starts the example, and returns when it hears samples
listen()
{
	: >"$work/err"
	"$example" "$@" $group >"$work/out" 2>"$work/err" &
	listener=$!
	until grep -q ^listening "$work/err"; do
		kill -0 "$listener" 2>/dev/null ||
			{ cat "$work/err"; listener=; exit 1; }
		sleep 0.05
	done
}

# send OPTION... : sends it samples
send()
{
	"$psring" send --to usersock:$group "$@" >/dev/null
}

# Waits until the example has ended, with success.
heard()
{
	wait "$listener" || { cat "$work/err"; exit 1; }
	listener=
}
