#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stall.sh PSRING - a consumer that stops for 5 seconds while another process
# sends: what is lost is lost in the socket, counted exactly, and the stream
# goes on by itself. Three times.
set -eu
psring=$1
seconds=5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count()
{
	grep -o "\"$1\":[0-9]*" "$work/$2" | head -n 1 | cut -d: -f2
}

fail()
{
	echo "round $round: $*"
	cat "$work/err" "$work/sent"
	exit 1
}

# The reader of the pipe sleeps, so that the consumer's write does.
for round in 1 2 3; do
	group=$((20 + round))
	rm -f "$work/err"
	touch "$work/err"
	mkfifo "$work/pipe"
	{ sleep $seconds; cat >/dev/null; } <"$work/pipe" &
	"$psring" dump --source usersock:$group --format json \
		>"$work/pipe" 2>"$work/err" &
	dump=$!
	until grep -q ^listening "$work/err"; do sleep 0.05; done

	"$psring" send --to usersock:$group --rate 100000 --count 800000 \
		--format json >"$work/sent" 2>&1
	# Column 9 counts the drops of the one socket in the group.
	drops=$(awk -v mask="$(printf %08x $((1 << (group - 1))))" \
		'$2 == 2 && $4 == mask { print $9 }' /proc/net/netlink)
	kill -INT $dump
	wait $dump || fail "psring dump failed"
	rm "$work/pipe"

	sent=$(count sent sent)
	received=$(count received err)
	lost=$(count lost_socket err)
	rcvbuf=$(count rcvbuf_bytes err)
	[ "$sent" -eq $((received + lost)) ] || fail "$sent != $received + $lost"
	[ "$lost" -eq "$drops" ] || fail "lost $lost, the kernel says $drops"
	[ "$lost" -gt 0 ] || fail "nothing was lost: no stall"
	[ "$received" -gt $((rcvbuf / 832)) ] ||
		fail "only $received received: the stream did not go on"
	echo "sent $sent = received $received + lost_socket $lost"
done
