#!/bin/bash
# SPDX-License-Identifier: MIT
#
# queues.sh PSRING - four queues and two consumers: each sample is printed
# once, by the queue that its sequence number names; four sockets hear it.
set -eu
psring=$1
samples=100000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$psring" dump --source synthetic --count $samples --rate 50000 --queues 4 \
	--consumers 2 --shard seq --format json >"$work/out" 2>"$work/err" &
until grep -q ^listening "$work/err"; do sleep 0.05; done
# Columns: socket protocol portid groups ...; the synthetic group is 31.
sockets=$(awk '$2 == 2 && $4 == "40000000"' /proc/net/netlink | wc -l)
wait $!

[ "$sockets" -eq 4 ] || { echo "$sockets sockets in the group"; exit 1; }
sed 's/.*"group_seq":\([0-9]*\),.*"queue":\([0-9]*\)}/\1 \2/' "$work/out" |
	awk -v samples=$samples '
		$1 % 4 != $2 { print "sample " $1 " in queue " $2; bad = 1 }
		seen[$1]++ { print "sample " $1 " twice"; bad = 1 }
		END {
			if (NR != samples) {
				print NR " samples"
				bad = 1
			}
			exit bad
		}'
[ "$(grep -o '{"received":25000,' "$work/err" | wc -l)" -eq 4 ] ||
	{ tail -n 1 "$work/err"; exit 1; }
