#!/bin/bash
# SPDX-License-Identifier: MIT
#
# loop.sh PSRING EXAMPLE - an example of an event loop prints each sample that
# is sent to it, in bursts with silence between them, and ends when it is told.
set -eu
psring=$1
example=$2
group=30
work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill "$listener"; rm -rf "$work"' EXIT

"$example" $group >"$work/out" 2>"$work/err" &
listener=$!
until grep -q ^listening "$work/err"; do
	kill -0 $listener 2>/dev/null ||
		{ cat "$work/err"; listener=; exit 1; }
	sleep 0.05
done
for _ in 1 2 3 4 5; do
	"$psring" send --to usersock:$group --count 2000 --rate 20000 \
		--size 100 >/dev/null 2>"$work/send"
done
kill -INT $listener
wait $listener || { cat "$work/err"; exit 1; }
listener=
cat "$work/err"
grep -qx '10000 delivered, 0 lost' "$work/err"
[ "$(grep -cx 'group 1: 100 bytes' "$work/out")" -eq 10000 ]
