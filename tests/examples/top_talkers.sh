#!/bin/bash
# SPDX-License-Identifier: MIT
#
# top_talkers.sh PSRING EXAMPLE - three threads together find who sent how much.
# The synthetic source has flows of 192.0.2.1 and .2, the one as much as the
# other, and says of each sample that it is one packet of 100.
set -eu
psring=$1
example=$2
group=30
work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill "$listener"; rm -rf "$work"' EXIT

"$example" 5 3 $group >"$work/out" 2>"$work/err" &
listener=$!
until grep -q ^listening "$work/err"; do
	kill -0 $listener 2>/dev/null ||
		{ cat "$work/err"; listener=; exit 1; }
	sleep 0.05
done
"$psring" send --to usersock:$group --count 20000 --rate 20000 --size 100 \
	>/dev/null
wait $listener || { cat "$work/err"; exit 1; }
listener=
cat "$work/out"
for address in 192.0.2.1 192.0.2.2; do
	grep -qx "interface 1: ::ffff:$address, about 100000000 bytes (10000 samples)" \
		"$work/out"
done
[ "$(wc -l <"$work/out")" -eq 2 ]
