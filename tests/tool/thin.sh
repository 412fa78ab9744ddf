#!/bin/bash
# SPDX-License-Identifier: MIT
#
# thin.sh PSRING - one sample in ten, over each transport: what was held back is
# no failure and in no sum, the rate counts it in, and no number is missing.
set -eu
psring=$1
samples=100000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# stat OPTION... : out
stat()
{
	"$psring" stat --source synthetic --count $samples --once "$@" \
		>"$work/out"
}

# fail WHAT
fail()
{
	echo "$1:"
	cut -c 1-300 "$work/out"
	exit 1
}

for transport in uring recvmmsg bpf; do
	stat --rate 500000 --thin 10 --transport $transport ||
		fail "$transport: exit status $?"
	grep -q '^  sent: no sum where --thin' "$work/out" ||
		fail "$transport: a sum of sent"
	# A synthetic sample says 1:100.
	grep -q '^ .* 1:1000  *not sequenced$' "$work/out" ||
		fail "$transport: no rate of 1:1000"
	# 6 sigma: 6 * sqrt(100000 * 0.1 * 0.9)
	received=$(sed -n 's/^  received  *\([0-9 ]*\)  datagrams.*/\1/p' \
		"$work/out" | tr -d ' ')
	if [ "$received" -lt 9430 ] || [ "$received" -gt 10570 ]; then
		fail "$transport: received"
	fi
	echo "$transport: thinned"
done

# What passed the filter and was lost all the same is a failure, as ever.
if stat --thin 2 --rcvbuf 4k --size 1400 --json --transport recvmmsg; then
	fail "lost, and exit status 0"
fi
grep -q '"thin":2,' "$work/out" || fail "no thin"
