#!/bin/bash
# SPDX-License-Identifier: MIT
#
# queues.sh PSRING - four queues and two consumers: each sample is printed
# once, by the queue that its sequence number names, whatever the transport; by
# shard flow, by the queue that has the other direction of its flow as well.
set -eu
# Its sockets are counted: no others are here, and none of rings that were closed.
[ -n "${QUEUES_ALONE-}" ] || QUEUES_ALONE=1 exec unshare -n "$0" "$@"
psring=$1
samples=100000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# dump OPTION... : starts it, waits until it hears, and returns; out and err.
dump()
{
	: >"$work/err"
	"$psring" dump --source synthetic --count $samples --rate 50000 \
		--queues 4 --consumers 2 --format json "$@" \
		>"$work/out" 2>"$work/err" &
	until grep -q ^listening "$work/err"; do sleep 0.05; done
}

# Columns: socket protocol portid groups ...; the synthetic group is 31.
sockets()
{
	awk '$2 == 2 && $4 == "40000000"' /proc/net/netlink | wc -l
}

# Two samples are one flow: a question and its echo, 2n and 2n + 1.
# once SHARD : each sample once, in the right queue, and no queue empty
once()
{
	sed 's/.*"group_seq":\([0-9]*\),.*"queue":\([0-9]*\)}/\1 \2/' \
		"$work/out" | awk -v samples=$samples -v shard="$1" '
		shard == "seq" && $1 % 4 != $2 {
			print "sample " $1 " in queue " $2
			bad = 1
		}
		{
			flow = int($1 / 2) % 16384
			if (shard == "flow" && flow in queue && queue[flow] != $2) {
				print "flow " flow " in queue " $2
				bad = 1
			}
			queue[flow] = $2
			used[$2]++
		}
		seen[$1]++ { print "sample " $1 " twice"; bad = 1 }
		END {
			if (NR != samples) {
				print NR " samples"
				bad = 1
			}
			for (i = 0; i < 4; i++) {
				if (used[i] < samples / 8) {
					print used[i] + 0 " samples in queue " i
					bad = 1
				}
			}
			exit bad
		}'
}

for transport in uring recvmmsg bpf; do
	dump --transport $transport --shard seq
	heard=$(sockets)
	wait $!
	once seq
	expected=4
	[ $transport != bpf ] || expected=1
	[ "$heard" -eq $expected ] ||
		{ echo "$transport: $heard sockets in the group"; exit 1; }
	[ "$(grep -o '{"received":25000,' "$work/err" | wc -l)" -eq 4 ] ||
		{ tail -n 1 "$work/err"; exit 1; }
done

dump --transport bpf --shard flow
wait $!
once flow
