#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns.sh PSRING - samples of other network namespaces: of one that is entered,
# and of all that have an id there, told apart; and none of one that has no id.
set -eu
psring=$1
usersock=usersock:9
here=psring-$$-here near=psring-$$-near stranger=psring-$$-stranger
work=$(mktemp -d)
cd "$work"
trap 'for netns in $here $near $stranger; do ip netns delete $netns; done
	rm -rf "$work"' EXIT

for netns in $here $near $stranger; do
	ip netns add "$netns"
done
ip -n $here netns set $near 4711

# fail WHAT
fail()
{
	echo "$1:"
	head -n 5 out err | cut -c 1-300
	exit 1
}

# listen OPTION... : starts psring dump there, and returns when it hears samples
listen()
{
	rm -f err
	"$psring" dump --source $usersock "$@" >out 2>err &
	listener=$!
	until grep -qs '^listening' err; do
		kill -0 $listener || fail "$*"
		sleep 0.05
	done
}

# Each namespace has samples 0 to 9, 19 or 29 of group 1.
send_and_end()
{
	"$psring" send --to $usersock --netns $stranger --count 10 >sent
	"$psring" send --to $usersock --netns $here --count 20 >sent
	"$psring" send --to $usersock --netns $near --count 30 >sent
	kill -INT $listener
	wait $listener || fail "exit status $?"
}

# lines NUMBER PATTERN: so many of out have it
lines()
{
	[ "$(grep -c "$2" out)" -eq "$1" ] || fail "not $1 of $2"
}

for netns in $here /run/netns/$here; do
	listen --netns "$netns" --json
	send_and_end
	lines 20 '"group":1,'
	lines 0 nsid
done

for transport in uring recvmmsg; do
	listen --netns $here --all-netns --transport $transport --json
	send_and_end
	lines 50 '"group":1,'
	lines 30 '"nsid":4711,'
	# Neither has a gap, or numbers of the other.
	[ "$(grep -o '"missing":0,"net_missing":0,"duplicate":0' err |
		wc -l)" -eq 2 ] || fail "$transport: the evidence"
	grep -q '{"group":1,"nsid":4711,.*"received":30,' err ||
		fail "$transport: no namespace in the ledger"
	echo "$transport: told apart"
done

listen --netns $here --all-netns
send_and_end
lines 50 ' group 1 '
lines 30 ' nsid 4711 '
[ "$(grep -c ' nsid 4711$' err)" -eq 1 ] || fail "the ledger"

# As packets, each of an interface of its own namespace.
listen --netns $here --all-netns --link ethernet -w -
send_and_end
mv out out.pcapng
tshark -r out.pcapng -T fields -e frame.interface_name -e frame.comment \
	>out 2>/dev/null
lines 30 '^ifindex 0	group .* nsid 4711 iif 1$'
lines 20 '^ifindex 1	group .* rate 100 iif 1$'
