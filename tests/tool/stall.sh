#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stall.sh PSRING - a consumer that stops for 5 seconds while another process
# sends: what is lost is lost in the socket, or in the ring of transport bpf,
# counted exactly, and the stream goes on by itself. On each transport.
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
	echo "$transport: $*"
	cat "$work/err" "$work/sent"
	exit 1
}

# The reader of the pipe sleeps, so that the consumer's write does.
group=20
for transport in uring recvmmsg bpf; do
	group=$((group + 1))
	rm -f "$work/err"
	touch "$work/err"
	mkfifo "$work/pipe"
	{ sleep $seconds; cat >/dev/null; } <"$work/pipe" &
	"$psring" dump --source usersock:$group --transport $transport \
		--format json >"$work/pipe" 2>"$work/err" &
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
	lost_ring=$(count lost_ring err)
	held=$(($(count rcvbuf_bytes err) / 832))
	[ $transport != bpf ] || held=$(($(count rcvbuf_bytes err) / 256))
	[ "$sent" -eq $((received + lost + lost_ring)) ] ||
		fail "$sent != $received + $lost + $lost_ring"
	[ "$lost" -eq "$drops" ] || fail "lost $lost, the kernel says $drops"
	[ $((lost + lost_ring)) -gt 0 ] || fail "nothing was lost: no stall"
	[ "$received" -gt $held ] ||
		fail "only $received received: the stream did not go on"
	echo "$transport: sent $sent = received $received +" \
		"lost_socket $lost + lost_ring $lost_ring"
done
