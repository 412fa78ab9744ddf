# SPDX-License-Identifier: MIT
#
# wireshark.sh - what Wireshark says of our files, and we of its own, where the guest
# has the programs of the machine it runs on
#
# shellcheck shell=sh

command -v tshark >/dev/null || return 0

# Wireshark's own words for what it finds in the pipe.
shark()
{
	tshark -r - -V >out 2>err.tshark
}

# dissected COUNT WORDS: in so many lines of that
dissected()
{
	[ "$(grep -c "^ *$2" out)" -eq "$1" ] || { echo "  not $1 times: $2"; return 1; }
}

case_wireshark()
{
	sample v0 ingress rate 1 group 77 trunc 64
	{ ./psring dump --count 50 -w - 2>err | shark; } &
	listener=$!
	told '^listening' 1 || return 1
	./frames v1 ipv4 --count 50 --size 200 >sent
	wait "$listener" || return 1
	dissected 50 'Family ID: 0x.* (psample)' && dissected 50 'Sample group: 77$' &&
		dissected 50 'Sample rate: 1$' && dissected 50 'Original size: 0x000000c8$' &&
		dissected 50 'Attribute: Data$' && dissected 50 'Internet Protocol' || return 1
	sed -n 's/^  *Group sequence number: //p' out | sort -n >compared
	seq 0 49 | cmp - compared
}

# Of the interface by its name, which no terminal obeys, and whatever is inside it.
case_pcapng()
{
	odd=$(printf 'v\0330')
	ip link set v0 down && ip link set v0 name "$odd" && ip link set "$odd" up ||
		return 1
	sample "$odd" ingress rate 1 group 5
	listen --count 50 --link ethernet -w - || return 1
	./frames v1 ipv4 --count 50 --size 200 >sent
	heard && lost 0 || return 1
	mv out out.pcapng
	tshark -r out.pcapng -x 2>err |
		sed -n 's/^[0-9a-f]\{4\}  \([0-9a-f ]*\)   .*/\1/p' |
		tr -d ' \n' >out
	tr -d '\n' <sent | cmp - out || return 1
	tshark -r out.pcapng -T fields -e frame.interface_name 2>err | sort -u >out
	[ "$(cat out)" = 'v?0' ]
}

# What everybody's messages look like on their way to a listener. Its asking for
# the family is among them.
case_nlmon()
{
	modprobe nlmon && ip link add nlmon0 type nlmon &&
		ip link set nlmon0 up || return 1
	sample v0 ingress rate 1 group 5
	dumpcap -q -i nlmon0 -w out.nlmon >out 2>err &
	dumpcap=$!
	told '^File:' 1 && listen -n --count 50 || return 1
	./frames v1 ipv4 --quiet --count 50
	heard && lost 0 || return 1
	mv out expected
	# It writes when it finds time.
	for _ in $(seq 200); do
		./psring dump --format json --read out.nlmon >out 2>err
		cmp -s expected out && break
		sleep 0.05
	done
	kill -INT "$dumpcap"
	wait "$dumpcap"
	ip link del nlmon0
	cmp expected out
}
