#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rates.sh PSRING EXAMPLE - what the samples stand for is what was sent, by
# group, and also where half of them are lost. The synthetic source says of each
# that it is one packet of 100.
set -eu
psring=$1
example=$2
group=30
work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill -KILL "$listener"; rm -rf "$work"' EXIT

listen()
{
	: >"$work/err"
	"$example" "$1" $group >"$work/out" 2>"$work/err" &
	listener=$!
	until grep -q ^listening "$work/err"; do
		kill -0 $listener 2>/dev/null ||
			{ cat "$work/err"; listener=; exit 1; }
		sleep 0.05
	done
}

heard()
{
	wait $listener || { cat "$work/err"; exit 1; }
	listener=
	cat "$work/out"
}

listen 5
"$psring" send --to usersock:$group --count 20000 --rate 20000 --size 100 \
	--group-count 2 >/dev/null
heard
grep -Eqx ' +1 +10000 +200000 +20000000 +2\.0 %' "$work/out"
grep -Eqx ' +2 +10000 +200000 +20000000 +2\.0 %' "$work/out"
grep -qx 'lost: 0 of 20000 samples' "$work/out"

# More than its receive buffer holds, while it stands still.
listen 1
kill -STOP $listener
"$psring" send --to usersock:$group --count 200000 --size 100 >/dev/null
kill -CONT $listener
heard
grep -Eqx ' +1 +[0-9]+ +20000000 +2000000000 .*' "$work/out"
grep -Eqx 'lost: [1-9][0-9]{4,} of 200000 samples' "$work/out"
