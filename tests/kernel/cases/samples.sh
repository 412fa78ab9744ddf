# SPDX-License-Identifier: MIT
#
# samples.sh - what a sample says of its packet, kind by kind
#
# shellcheck shell=sh

case_ingress()
{
	sample v0 ingress rate 1 group 5 trunc 128
	listen --count 10000 || return 1
	./frames v1 ipv4 --count 10000 --size 200 >sent
	heard || return 1
	sent_head 128
	[ "$(wc -l <out)" -eq 10000 ] || return 1
	same expected field data && always orig_size 200 || return 1
	always group 5 || return 1
	always iif "$(cat /sys/class/net/v0/ifindex)" || return 1
	always proto 2048 || return 1
	seq 0 9999 >expected
	same expected field group_seq && lost 0
}

case_egress()
{
	sample v0 egress rate 1 group 6
	listen --count 500 || return 1
	./frames v0 ipv4 --count 500 --size 1400 >sent
	heard || return 1
	field iif | grep -q . && return 1
	always oif "$(cat /sys/class/net/v0/ifindex)" || return 1
	same sent field data
}

# What people read: the interface by name, in or out, and the packet; of those
# that libpcap's expression matches.
case_text()
{
	sample v0 ingress rate 1 group 5
	sample v0 egress rate 1 group 6
	listen --format text --filter 'udp and less 100' --count 20 || return 1
	./frames v1 ipv4 --count 10 --size 100 >sent
	./frames v1 ipv4 --count 10 --size 101 >sent
	./frames v0 ipv4 --count 10 --size 100 >sent
	heard || return 1
	packet='100/100: IP [0-9.]*\.6343 > [0-9.]*\.6343: UDP, length 58$'
	[ "$(grep -c " v0 In group 5 1:1 $packet" out)" -eq 10 ] &&
		[ "$(grep -c " v0 Out group 6 1:1 $packet" out)" -eq 10 ] &&
		grep -q '^  unmatched  *10 ' err
}

# A tunnel's packets begin with IP, and nothing in the sample says so.
case_text_without_ethernet()
{
	ip addr add 10.9.0.1/24 dev v0
	ip link add g0 type gre local 10.9.0.1 remote 10.9.0.2 || return 1
	ip addr add 10.3.0.1/24 dev g0
	quiet g0
	ip link set g0 up
	tc qdisc add dev g0 clsact
	sample g0 egress rate 1 group 7
	listen --format text --filter 'icmp[0] = 8' --count 2 || return 1
	busybox ping -c 2 -W 1 10.3.0.2 >sent
	heard
	status=$?
	ip link del g0
	[ $status -eq 0 ] && [ "$(grep -c " g0 Out group 7 1:1 84/84: IP \
10.3.0.1 > 10.3.0.2: ICMP echo request, id [0-9]*, seq [01], length 64\$" out)" -eq 2 ]
}

case_ipv6()
{
	sample v0 ingress rate 1 group 5
	listen --count 300 || return 1
	./frames v1 ipv6 --count 300 >sent
	heard || return 1
	always proto 34525 || return 1
	same sent field data
}

# The kernel takes the outer tag off before the hook at ingress.
case_vlan_ingress()
{
	sample v0 ingress rate 1 group 5
	listen --count 300 || return 1
	./frames v1 vlan --count 300 >sent
	heard || return 1
	cut -c 1-24,33- sent >expected
	always proto 2048 || return 1
	same expected field data
}

case_vlan_egress()
{
	sample v0 egress rate 1 group 5
	listen --count 300 || return 1
	./frames v0 vlan --count 300 >sent
	heard || return 1
	always proto 33024 || return 1
	same sent field data
}

case_trunc_0()
{
	sample v0 ingress rate 1 group 4 trunc 0
	listen --count 100 || return 1
	./frames v1 ipv4 --count 100 --size 333 >sent
	heard || return 1
	grep -q '"data' out && return 1
	always orig_size 333 || return 1
	[ "$(wc -l <out)" -eq 100 ]
}

# psample sends 16 bits of an interface's number, and nothing else for it.
case_large_ifindex()
{
	ip link add w0 index 70000 type veth peer name w1
	quiet w0
	quiet w1
	ip link set w0 up
	ip link set w1 up
	tc qdisc add dev w0 clsact
	sample w0 ingress rate 1 group 5
	listen --count 100 || return 1
	./frames w1 ipv4 --count 100 >sent
	heard || return 1
	ip link del w0
	always iif 4464 || return 1
	same sent field data && [ "$(field iif | wc -l)" -eq 100 ] && lost 0
}

# Packets of 64 KiB, which no buffer of 64 KiB holds with its metadata.
case_largest()
{
	tc qdisc add dev lo clsact
	sample lo ingress rate 1 group 5
	listen --count 20 || return 1
	./frames lo ipv4 --count 20 --size 65400 --dst-mac 00:00:00:00:00:00 >sent
	heard
	status=$?
	tc qdisc del dev lo clsact
	[ $status -eq 0 ] && same sent field data || return 1
	grep -q truncated out && return 1
	return 0
}

# A packet that comes out of a tunnel tells its outer addresses and key, where
# the tunnel's device collects them ("external").
case_tunnel()
{
	ip netns add far
	ip link set v1 netns far
	ip addr add 10.9.0.2/24 dev v0
	ip -n far addr add 10.9.0.1/24 dev v1
	ip -n far link set v1 up
	ip link add x0 type vxlan dstport 4789 external
	ip -n far link add x1 type vxlan id 42 remote 10.9.0.2 dstport 4789 dev v1
	quiet x0
	[ ! -d /proc/sys/net/ipv6 ] || ip -n far link set x1 addrgenmode none
	ip link set x0 up
	ip -n far link set x1 up
	tc qdisc add dev x0 clsact
	sample x0 ingress rate 1 group 20
	listen --count 50 || return 1
	ip netns exec far ./frames x1 ipv4 --count 50 >sent
	heard
	status=$?
	ip link del x0
	[ $status -eq 0 ] && same sent field data || return 1
	[ "$(grep -c '"tunnel":{"id":42,"ipv4_src":"10.9.0.1","ipv4_dst":"10.9.0.2"' out)" -eq 50 ] &&
		[ "$(grep -c '"ttl":64' out)" -eq 50 ] &&
		[ "$(grep -c '"tp_dst":4789' out)" -eq 50 ]
}

# A packet on its way through tells where it came in and where it goes out.
case_forwarded()
{
	ip netns add far
	ip link add w0 type veth peer name w1
	quiet w0
	ip link set w1 netns far
	[ ! -d /proc/sys/net/ipv6 ] || ip -n far link set w1 addrgenmode none
	ip -n far link set w1 up
	ip addr add 10.1.0.1/24 dev v0
	ip addr add 10.2.0.1/24 dev w0
	ip link set w0 up
	ip neigh add 10.2.0.2 lladdr 02:00:00:00:00:99 dev w0
	echo 1 >/proc/sys/net/ipv4/ip_forward
	tc qdisc add dev w0 clsact
	sample w0 egress rate 1 group 5
	./psring stat --format prometheus >out.page 2>err &
	meter=$!
	told '^listening' 1 || return 1
	listen --count 100 || return 1
	./frames v1 ipv4 --count 100 --src-ip 10.1.0.2 --dst-ip 10.2.0.2 \
		--dst-mac "$(cat /sys/class/net/v0/address)" >sent
	heard || return 1
	kill -INT $meter
	wait $meter || return 1
	# It is no traffic that came by v0 alone.
	grep -q '^psring_interface_samples_total{input="v0",iif="[0-9]*",output="w0",oif="[0-9]*"} 100$' \
		out.page || return 1
	always iif "$(cat /sys/class/net/v0/ifindex)" || return 1
	always oif "$(cat /sys/class/net/w0/ifindex)" || return 1
	# All but the addresses and what a hop changes: TTL and checksum.
	cut -c 29-44,53- sent >expected
	field data | cut -c 29-44,53- >got
	ip link del w0
	cmp expected got
}

# The action's cookie is in the sample since Linux 6.11.
case_cookie()
{
	tc filter add dev v0 ingress matchall \
		action sample rate 1 group 5 cookie a1b2c3d4e5f60718
	listen --count 100 || return 1
	./frames v1 ipv4 --count 100 >sent
	heard || return 1
	same sent field data || return 1
	case $(uname -r) in
	6.1.*) ! grep -q cookie out ;;
	*) [ "$(grep -c '"cookie":"a1b2c3d4e5f60718"' out)" -eq 100 ] ;;
	esac
}
