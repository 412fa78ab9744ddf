#!/bin/bash
# SPDX-License-Identifier: MIT
#
# flood.sh PSRING - a million samples by io_uring: no receive call, few system
# calls at all, and no more arms than stalls ask for.
set -eu
psring=$1
samples=1000000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

strace -f -c -o "$work/calls" "$psring" stat --once --source synthetic \
	--transport uring --queues 2 --count $samples --format json \
	>"$work/out" 2>"$work/err"
grep -o '"sent":[0-9]*,"received":[0-9]*' "$work/out"
# Columns: % time, seconds, usecs/call, calls, [errors,] name. The sender's
# part is the price of a synthetic source.
awk -v samples=$samples '
	$NF ~ /^recv/ { print "a receive call: " $0; bad = 1 }
	$4 ~ /^[0-9]+$/ && $NF !~ /^(sendmmsg|total)$/ { calls += $4 }
	END {
		print calls " system calls without the sender"
		exit bad || calls == 0 || calls >= samples / 20
	}' "$work/calls" || { cat "$work/calls"; exit 1; }
grep -o '"stalls":[0-9]*,"arms":[0-9]*' "$work/out" | tail -n +2 |
	awk -F '[:,]' '$4 > $2 + 1 { print; bad = 1 } END { exit bad || NR != 2 }'
