#!/bin/bash
# SPDX-License-Identifier: MIT
#
# packets.sh PACKETS - what psring says of a packet is what tcpdump says of it:
# of made frames, and of all packets that real kernels sampled, cut ones too.
set -eu
packets=$1
cd "$(dirname "$(readlink -f "$0")")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$packets" "$work/pcap" packets.txt ../corpus/*/*.bin >"$work/ours"
tcpdump -nn -t -S -r "$work/pcap" >"$work/theirs" 2>"$work/err" ||
	{ cat "$work/err"; exit 1; }

# Where our words are others: tags and fragments, of which tcpdump says less.
sed -Ei '
	s/^(vlan [0-9]+, (p [0-9], )?)+//
	s/^(IP .*: )frag \([1-9].*/\1later fragment/
	s/^(IP .*: )frag \(0\|[0-9]+\) /\1/
	s/^(IP6 .*: frag \([1-9][0-9]*\|[0-9]+\)).*/\1/
' "$work/ours"
# And options, numbers and a second line, of which it says more.
sed -z -i 's/VXLAN, flags \[I\] (0x08), vni \([0-9]*\)\n/VXLAN, vni \1: /g' \
	"$work/theirs"
sed -Ei '
	s/^ +(\[\|ip6\])/IP6 \1/
	s/^ +(\[\|arp\])/ARP, \1/
	s/^ +//
	s/ +(\[\||ip-proto-253)/ \1/
	s/VXLAN, vni ([0-9]+): +(\[\|ip\])/VXLAN, vni \1: IP \2/
	s/(ip-proto-253) /\1, length /
	s/sctp \[\|sctp\]/SCTP, length 40/
	s/^(IP .*: )ip-proto-17$/\1later fragment/
	s/^IP6 (\S+) > (\S+): (HBH |frag \(\S+ )([0-9]+) > ([0-9]+): /IP6 \1.\4 > \2.\5: \3/
	s/HBH //
	s/, 1 group record\(s\)//
	s/ICMP ip reassembly time exceeded/ICMP time exceeded, code 1/
	s/, options .*\[\|tcp\]>$/, length 0/
	s/, options \[[^]]*\]//
	s/GREv0, (off 0x0, )?key=0x64, (seq 9, )?/GREv0, key 100, /
' "$work/theirs"
diff "$work/ours" "$work/theirs"
echo "$(wc -l <"$work/ours") packets"
# Of each frame in packets.txt, and of each sample that has bytes.
[ "$(wc -l <"$work/ours")" -eq 240 ]
