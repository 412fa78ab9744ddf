#!/bin/sh
# SPDX-License-Identifier: MIT
#
# psample.sh - what psring delivers of a real psample kernel's samples
#
# Runs in a guest (guest.sh), in a directory that holds psring and frames. Each
# case samples known traffic with tc and compares what was sent with what came
# out, byte for byte. Prints a line a case; fails if one does, or none ran.
#
# shellcheck disable=SC2317 # the cases are called by name
set -u

frames=./frames
psring=./psring
failed=0
ran=0

# No address of its own for an interface, so that nothing but the test's frames
# comes through. A kernel without IPv6 knows no such mode, and needs none.
quiet()
{
	[ ! -d /proc/sys/net/ipv6 ] || ip link set "$1" addrgenmode none
}

# The interfaces v0 and v1 are the ends of one cable.
net_up()
{
	ip link add v0 type veth peer name v1
	quiet v0
	quiet v1
	ip link set v0 up
	ip link set v1 up
	tc qdisc add dev v0 clsact
}

net_down()
{
	ip link del v0 2>/dev/null
	ip -all netns delete 2>/dev/null
	rm -f sent out err sent.* out.* err.* bench.json
}

# sample DEV HOOK ARGUMENT... : of every packet of that hook; then the next filter
sample()
{
	dev=$1
	hook=$2
	shift 2
	tc filter add dev "$dev" "$hook" matchall action sample "$@" continue
}

# listen OPTION... : starts psring dump and returns when it hears samples
listen()
{
	# Or the last one's word would be taken for this one's.
	rm -f err
	$psring dump --format json "$@" >out 2>err &
	listener=$!
	for _ in $(seq 200); do
		grep -qs '^listening' err && return 0
		kill -0 "$listener" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

# Waits until the listener has ended by itself, as it does at --count.
heard()
{
	for _ in $(seq 600); do
		kill -0 "$listener" 2>/dev/null || break
		sleep 0.05
	done
	kill -INT "$listener" 2>/dev/null && echo "  psring had to be ended"
	wait "$listener"
}

# Ends the listener and waits for its ledger.
end_listening()
{
	sleep 0.3
	kill -INT "$listener"
	wait "$listener"
}

field()
{
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,}\"]*\).*/\1/p" out
}

# lost NUMBER: the count of the ledger
lost()
{
	grep -q "^{.*\"lost_socket\":$1,.*\"queues\"" err
}

# Two CPUs may take the packets of one sender in turn, and swap them.
ordered()
{
	if [ "$(nproc)" -eq 1 ]; then cat; else sort; fi
}

# same FILE COMMAND... : the output of COMMAND is FILE
same()
{
	ordered <"$1" >wanted
	shift
	"$@" | ordered >compared
	cmp -s wanted compared && return 0
	echo "  expected, got:"
	diff wanted compared | head -n 6 | cut -c 1-300
	return 1
}

# The first $1 bytes of each frame sent.
sent_head()
{
	cut -c "1-$(($1 * 2))" sent >expected
}

ingress()
{
	sample v0 ingress rate 1 group 5 trunc 128
	listen --count 10000 || return 1
	$frames v1 ipv4 --count 10000 --size 200 >sent
	heard || return 1
	sent_head 128
	[ "$(wc -l <out)" -eq 10000 ] || return 1
	same expected field data && field orig_size | grep -vx 200 && return 1
	field group | grep -vx 5 && return 1
	field iif | grep -vx "$(cat /sys/class/net/v0/ifindex)" && return 1
	field proto | grep -vx 2048 && return 1
	seq 0 9999 >expected
	same expected field group_seq && lost 0
}

egress()
{
	sample v0 egress rate 1 group 6
	listen --count 500 || return 1
	$frames v0 ipv4 --count 500 --size 1400 >sent
	heard || return 1
	field iif | grep -q . && return 1
	field oif | grep -vx "$(cat /sys/class/net/v0/ifindex)" && return 1
	same sent field data
}

# What people read: the interface by name, in or out, and the packet; of those
# that libpcap's expression matches.
text()
{
	sample v0 ingress rate 1 group 5
	sample v0 egress rate 1 group 6
	listen --format text --filter 'udp and less 100' --count 20 || return 1
	$frames v1 ipv4 --count 10 --size 100 >sent
	$frames v1 ipv4 --count 10 --size 101 >sent
	$frames v0 ipv4 --count 10 --size 100 >sent
	heard || return 1
	packet='100/100: IP [0-9.]*\.6343 > [0-9.]*\.6343: UDP, length 58$'
	[ "$(grep -c " v0 In group 5 1:1 $packet" out)" -eq 10 ] &&
		[ "$(grep -c " v0 Out group 6 1:1 $packet" out)" -eq 10 ] &&
		grep -q '^  unmatched  *10 ' err
}

# A tunnel's packets begin with IP, and nothing in the sample says so.
text_without_ethernet()
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

ipv6()
{
	sample v0 ingress rate 1 group 5
	listen --count 300 || return 1
	$frames v1 ipv6 --count 300 >sent
	heard || return 1
	field proto | grep -vx 34525 && return 1
	same sent field data
}

# The kernel takes the outer tag off before the hook at ingress.
vlan_ingress()
{
	sample v0 ingress rate 1 group 5
	listen --count 300 || return 1
	$frames v1 vlan --count 300 >sent
	heard || return 1
	cut -c 1-24,33- sent >expected
	field proto | grep -vx 2048 && return 1
	same expected field data
}

vlan_egress()
{
	sample v0 egress rate 1 group 5
	listen --count 300 || return 1
	$frames v0 vlan --count 300 >sent
	heard || return 1
	field proto | grep -vx 33024 && return 1
	same sent field data
}

trunc_0()
{
	sample v0 ingress rate 1 group 4 trunc 0
	listen --count 100 || return 1
	$frames v1 ipv4 --count 100 --size 333 >sent
	heard || return 1
	grep -q '"data' out && return 1
	field orig_size | grep -vx 333 && return 1
	[ "$(wc -l <out)" -eq 100 ]
}

groups_and_rates()
{
	for group in 0 1 65535 65536 2147483648 4294967295; do
		sample v0 ingress rate 1 group $group trunc 64
	done
	sample v0 ingress rate 3 group 30 trunc 64
	listen || return 1
	$frames v1 ipv4 --count 300 >sent
	end_listening || return 1
	sent_head 64
	mv out all
	for group in 0 1 65535 65536 2147483648 4294967295; do
		grep "\"group\":$group," all >out
		same expected field data || return 1
	done
	grep '"group":30,' all >out
	field rate | grep -vx 3 && return 1
	# One in three by chance: 300 packets give none or all never.
	[ "$(wc -l <out)" -gt 30 ] && [ "$(wc -l <out)" -lt 200 ] || return 1
	field data | grep -vxFf expected && return 1
	lost 0
}

wanted_groups()
{
	sample v0 ingress rate 1 group 7 trunc 64
	sample v0 ingress rate 1 group 8 trunc 64
	sample v0 ingress rate 1 group 9 trunc 64
	listen --groups 7,9 --count 400 || return 1
	$frames v1 ipv4 --count 200 >sent
	heard || return 1
	[ "$(field group | sort | uniq -c | tr -s ' \n' ' ')" = " 200 7 200 9 " ]
}

# One in four, by chance: 2500 of 10000, within 6 sigma, sqrt(10000 * 3 / 16).
thinned()
{
	sample v0 ingress rate 1 group 5
	for transport in uring recvmmsg bpf; do
		listen --thin 4 --transport $transport || return 1
		$frames v1 ipv4 --quiet --count 10000
		end_listening || return 1
		lost 0 || return 1
		field rate | grep -vx 4 && return 1
		count=$(wc -l <out)
		[ "$count" -gt 2240 ] && [ "$count" -lt 2760 ] || return 1
	done
}

flower()
{
	tc filter add dev v0 ingress protocol ip flower dst_ip 10.1.2.3 \
		action sample rate 1 group 5
	listen || return 1
	$frames v1 ipv4 --count 100 --dst-ip 10.1.2.4 >/dev/null
	$frames v1 ipv4 --count 100 --dst-ip 10.1.2.3 >sent
	end_listening || return 1
	same sent field data
}

queues_by_seq()
{
	sample v0 ingress rate 1 group 5
	listen --queues 4 --consumers 2 --count 4000 || return 1
	$frames v1 ipv4 --count 4000 >sent
	heard || return 1
	sed -n 's/.*"group_seq":\([0-9]*\).*"queue":\([0-9]*\).*/\1 \2/p' out |
		awk '$1 % 4 != $2 { exit 1 }' || return 1
	sort -t: -k3 -n out >sorted
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0
}

queues_by_cpu()
{
	sample v0 ingress rate 1 group 5
	listen --queues 2 --shard cpu --count 2000 || return 1
	$frames v1 ipv4 --count 2000 >sent
	heard || return 1
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0
}

# All transports hear the same traffic at once: 1100 samples of every kind that
# there is to send, the largest among them, in two groups.
transports()
{
	tc qdisc add dev lo clsact
	sample lo ingress rate 1 group 7
	sample v0 ingress rate 1 group 5 trunc 128
	sample v0 egress rate 1 group 6
	listeners=
	for transport in uring recvmmsg bpf; do
		$psring dump --format json --transport $transport \
			--count 1100 >out.$transport 2>err.$transport &
		listeners="$listeners $!"
		for _ in $(seq 200); do
			grep -q '^listening' err.$transport && break
			sleep 0.05
		done
	done
	for kind in ipv4 ipv6 vlan arp; do
		$frames v1 $kind --quiet --count 250
	done
	$frames v0 ipv4 --quiet --count 80 --size 1400
	$frames lo ipv4 --quiet --count 20 --size 65400 \
		--dst-mac 00:00:00:00:00:00
	status=0
	for listener in $listeners; do
		heard || status=1
	done
	tc qdisc del dev lo clsact
	[ $status -eq 0 ] && [ "$(wc -l <out.uring)" -eq 1100 ] && 
		same out.uring cat out.recvmmsg && same out.uring cat out.bpf
}

# psample sends 16 bits of an interface's number, and nothing else for it.
large_ifindex()
{
	ip link add w0 index 70000 type veth peer name w1
	quiet w0
	quiet w1
	ip link set w0 up
	ip link set w1 up
	tc qdisc add dev w0 clsact
	sample w0 ingress rate 1 group 5
	listen --count 100 || return 1
	$frames w1 ipv4 --count 100 >sent
	heard || return 1
	ip link del w0
	field iif | grep -vx 4464 && return 1
	same sent field data && [ "$(field iif | wc -l)" -eq 100 ] && lost 0
}

# Both directions of a flow are one queue's; 20 flows are not all the same one's.
flow()
{
	sample v0 ingress rate 1 group 5
	listen --transport bpf --queues 4 --shard flow --count 400 || return 1
	for i in $(seq 20); do
		$frames v1 ipv4 --quiet --count 10 \
			--src-ip 10.1.0.1 --dst-ip "10.0.0.$i"
		$frames v1 vlan --quiet --count 10 \
			--src-ip "10.0.0.$i" --dst-ip 10.1.0.1
	done
	heard || return 1
	seq 0 399 >expected
	field group_seq | sort -n >got
	cmp expected got && lost 0 || return 1
	# Source and destination of IPv4, behind Ethernet's 14 bytes.
	sed 's/.*"data":"\([^"]*\)".*"queue":\([0-9]*\).*/\1 \2/' out | awk '
		{
			source = substr($1, 53, 8)
			destination = substr($1, 61, 8)
			flow = source < destination ? source destination : \
				destination source
			if (flow in queue && queue[flow] != $2)
				bad = 1
			if (!(flow in queue))
				flows++
			queue[flow] = $2
			if (!($2 in used))
				queues++
			used[$2] = 1
		}
		END { exit bad || flows != 20 || queues < 3 }'
}

no_ingest_thread()
{
	sample v0 ingress rate 1 group 5
	listen --ingest-threads 0 --count 1000 || return 1
	$frames v1 ipv4 --count 1000 >sent
	heard || return 1
	same sent field data && lost 0
}

# Packets of 64 KiB, which no buffer of 64 KiB holds with its metadata.
largest()
{
	tc qdisc add dev lo clsact
	sample lo ingress rate 1 group 5
	listen --count 20 || return 1
	$frames lo ipv4 --count 20 --size 65400 --dst-mac 00:00:00:00:00:00 >sent
	heard
	status=$?
	tc qdisc del dev lo clsact
	[ $status -eq 0 ] && same sent field data || return 1
	grep -q truncated out && return 1
	return 0
}

# A packet that comes out of a tunnel tells its outer addresses and key, where
# the tunnel's device collects them ("external").
tunnel()
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
	ip netns exec far $frames x1 ipv4 --count 50 >sent
	heard
	status=$?
	ip link del x0
	[ $status -eq 0 ] && same sent field data || return 1
	[ "$(grep -c '"tunnel":{"id":42,"ipv4_src":"10.9.0.1","ipv4_dst":"10.9.0.2"' out)" -eq 50 ] &&
		[ "$(grep -c '"ttl":64' out)" -eq 50 ] &&
		[ "$(grep -c '"tp_dst":4789' out)" -eq 50 ]
}

# A packet on its way through tells where it came in and where it goes out.
forwarded()
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
	listen --count 100 || return 1
	$frames v1 ipv4 --count 100 --src-ip 10.1.0.2 --dst-ip 10.2.0.2 \
		--dst-mac "$(cat /sys/class/net/v0/address)" >sent
	heard || return 1
	field iif | grep -vx "$(cat /sys/class/net/v0/ifindex)" && return 1
	field oif | grep -vx "$(cat /sys/class/net/w0/ifindex)" && return 1
	# All but the addresses and what a hop changes: TTL and checksum.
	cut -c 29-44,53- sent >expected
	field data | cut -c 29-44,53- >got
	ip link del w0
	cmp expected got
}

# The action's cookie is in the sample since Linux 6.11.
cookie()
{
	tc filter add dev v0 ingress matchall \
		action sample rate 1 group 5 cookie a1b2c3d4e5f60718
	listen --count 100 || return 1
	$frames v1 ipv4 --count 100 >sent
	heard || return 1
	same sent field data || return 1
	case $(uname -r) in
	6.1.*) ! grep -q cookie out ;;
	*) [ "$(grep -c '"cookie":"a1b2c3d4e5f60718"' out)" -eq 100 ] ;;
	esac
}

# Open vSwitch numbers no sample, and tells a probability in place of a rate.
openvswitch()
{
	modprobe openvswitch && ./ovs v0 12 && listen || return 1
	$frames v1 ipv4 --count 500 >sent
	end_listening && ./ovs delete && modprobe -r openvswitch || return 1
	same sent field data && lost 0 || return 1
	[ "$(grep -c '"group":12,"group_seq":0,.*"probability":1\.0*[,}]' out)" -eq 500 ] &&
		[ "$(grep -c '"cookie":"deadbeef"' out)" -eq 500 ] &&
		! grep -q '"net_missing"' err
}

# Half of the packets, by chance.
openvswitch_half()
{
	modprobe openvswitch && ./ovs v0 13 50 && listen --queues 2 || return 1
	$frames v1 ipv4 --count 400 >sent
	end_listening && ./ovs delete && modprobe -r openvswitch || return 1
	[ "$(wc -l <out)" -gt 100 ] && [ "$(wc -l <out)" -lt 300 ] || return 1
	[ "$(grep -c '"probability":0\.49999' out)" -eq "$(wc -l <out)" ] && lost 0
}

# The traffic that the Go package and libpsample's tool lost most of.
bursts()
{
	sample v0 ingress rate 1 group 5 trunc 128
	$psring stat --once --format json --count 20000 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --quiet --count 20000 --burst 64 --every-us 2000
	heard || return 1
	grep -Eq '"received": ?20000\b' out && grep -Eq '"lost_socket": ?0\b' out
}

# The kernel makes the group anew when its last filter was deleted, a moment
# later: then it counts from 0 again.
regroup()
{
	sample v0 ingress rate 1 group 5
	listen --count 400 || return 1
	$frames v1 ipv4 --quiet --count 200
	sleep 0.3
	tc filter del dev v0 ingress
	for _ in $(seq 200); do
		$psring groups --format json | grep -q . || break
		sleep 0.05
	done
	sample v0 ingress rate 1 group 5
	$frames v1 ipv4 --quiet --count 200
	heard || return 1
	lost 0 && grep -q '"missing":0,.*"restarts":1}' err
}

# Two CPUs count into one group without a lock: whatever its numbers say, nothing
# is lost. One CPU does it alone. As a mask of CPUs, 1 is the first, and 2, of
# two, the second.
two_cpus()
{
	tc qdisc add dev v1 clsact
	sample v0 ingress rate 1 group 5 trunc 64
	sample v1 ingress rate 1 group 5 trunc 64
	$psring stat --once --format json --count 40000 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	taskset 1 $frames v1 ipv4 --quiet --count 20000 &
	sender=$!
	taskset "$(nproc)" $frames v0 ipv4 --quiet --count 20000
	wait "$sender"
	heard || return 1
	sed -n 's/.*\("groups":\[[^]]*\).*/  \1/p' out
	grep -Eq '"received": ?40000\b' out && grep -Eq '"lost_socket": ?0\b' out
}

# As a file and back; over a reload, which gives the family another number.
capture()
{
	sample v0 ingress rate 1 group 5
	listen --count 200 -w - || return 1
	$frames v1 ipv4 --count 100 >sent
	unload && told '^interrupted' 1 && load && told '^listening' 2 || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	$frames v1 ipv4 --count 100 >>sent
	heard && lost 0 || return 1
	mv out out.pcap
	$psring dump --format json --read out.pcap >out 2>err || return 1
	same sent field data && grep -q '"samples":200,"malformed":0,"other":2}' err
}

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

wireshark()
{
	sample v0 ingress rate 1 group 77 trunc 64
	{ $psring dump --count 50 -w - 2>err | shark; } &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --count 50 --size 200 >sent
	wait "$listener" || return 1
	dissected 50 'Family ID: 0x.* (psample)' && dissected 50 'Sample group: 77$' &&
		dissected 50 'Sample rate: 1$' && dissected 50 'Original size: 0x000000c8$' &&
		dissected 50 'Attribute: Data$' && dissected 50 'Internet Protocol' || return 1
	sed -n 's/^  *Group sequence number: //p' out | sort -n >compared
	seq 0 49 | cmp - compared
}

# Of the interface by its name, and whatever is inside it.
pcapng()
{
	sample v0 ingress rate 1 group 5
	listen --count 50 --link ethernet -w - || return 1
	$frames v1 ipv4 --count 50 --size 200 >sent
	heard && lost 0 || return 1
	mv out out.pcapng
	tshark -r out.pcapng -x 2>err |
		sed -n 's/^[0-9a-f]\{4\}  \([0-9a-f ]*\)   .*/\1/p' |
		tr -d ' \n' >out
	tr -d '\n' <sent | cmp - out || return 1
	tshark -r out.pcapng -T fields -e frame.interface_name 2>err | sort -u >out
	[ "$(cat out)" = v0 ]
}

# What everybody's messages look like on their way to a listener. Its asking for
# the family is among them.
nlmon()
{
	modprobe nlmon && ip link add nlmon0 type nlmon &&
		ip link set nlmon0 up || return 1
	sample v0 ingress rate 1 group 5
	dumpcap -q -i nlmon0 -w out.nlmon >out 2>err &
	dumpcap=$!
	told '^File:' 1 && listen -n --count 50 || return 1
	$frames v1 ipv4 --quiet --count 50
	heard && lost 0 || return 1
	mv out expected
	# It writes when it finds time.
	for _ in $(seq 200); do
		$psring dump --format json --read out.nlmon >out 2>err
		cmp -s expected out && break
		sleep 0.05
	done
	kill -INT "$dumpcap"
	wait "$dumpcap"
	ip link del nlmon0
	cmp expected out
}

# The program in the README prints a line a sample, for ever. It does not say
# from when on it hears them: it is sent more until it does.
# printed LINE: once packets are sampled; one at a time, so that no buffer fills
printed()
{
	for _ in $(seq 200); do
		$frames v1 ipv4 --quiet --count 1
		grep -qx "$1" out && return 0
		sleep 0.05
	done
	return 1
}

readme()
{
	sample v0 ingress rate 1 group 5
	./readme >out 2>err &
	listener=$!
	printed 'group 5: 128 bytes' || return 1
	kill "$listener"
	wait "$listener"
	! grep -vx 'group 5: 128 bytes' out
}

# It has joined again by itself.
reload_example()
{
	./example-epoll >out 2>err &
	listener=$!
	told '^listening' 1 && unload && load || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	printed 'group 5: 128 bytes' || return 1
	kill -INT "$listener"
	wait "$listener"
}

# The examples of event loops, each until it is told to stop.
event_loops()
{
	sample v0 ingress rate 1 group 5 trunc 64
	for loop in epoll uring libuv; do
		rm -f err
		./example-$loop >out 2>err &
		listener=$!
		told '^listening' 1 || return 1
		for _ in 1 2 3; do
			$frames v1 ipv4 --quiet --count 300
			sleep 0.05
		done
		kill -INT "$listener"
		wait "$listener" || return 1
		[ "$(grep -cx 'group 5: 128 bytes' out)" -eq 900 ] || return 1
	done
}

json_lines()
{
	sample v0 ingress rate 1 group 5
	./example-json_lines 300 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --count 300 >sent
	heard && same sent field data
}

# What the samples stand for is all the packets, or nearly so.
rates()
{
	sample v0 ingress rate 4 group 5 trunc 64
	./example-rates 2 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --quiet --count 10000 --size 200
	heard || return 1
	# 6 standard deviations, of 2500 samples that each stand for 4.
	awk '$1 == 5 { packets = 2 * $3 }
		END { exit !(packets > 8960 && packets < 11040) }' out
}

# The same of psring stat, with its own word for how far off that may be; and an
# interface has its name.
metrics()
{
	sample v0 ingress rate 4 group 5 trunc 64
	$psring stat --format prometheus >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --quiet --count 10000 --size 200
	end_listening || return 1
	grep -q '^psring_interface_samples_total{interface="v0",ifindex="[0-9]*",direction="in"} ' \
		out || return 1
	# 6 standard deviations; 1.96 are an error.
	awk '$1 == "psring_group_estimated_bytes_total{group=\"5\"}" { bytes = $2 }
		$1 == "psring_group_estimate_error_bytes{group=\"5\"}" { error = $2 }
		END { off = error ? (bytes - 2000000) / error : 9
			exit !(off > -3.1 && off < 3.1) }' out
}

top_talkers()
{
	sample v0 ingress rate 1 group 5
	./example-top_talkers 3 2 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	for i in 1 2 3; do
		$frames v1 ipv4 --quiet --count $((100 * i)) --size 100 \
			--src-ip "10.0.0.$i"
	done
	heard || return 1
	iif=$(cat /sys/class/net/v0/ifindex)
	for i in 3 2 1; do
		echo "interface $iif: ::ffff:10.0.0.$i, about" \
			"$((10000 * i)) bytes ($((100 * i)) samples)"
	done >expected
	cmp expected out
}

# The benchmark's own flood of packets that psample samples; it ends with an
# error if a sample is missing in its sums. One CPU measures itself, and says so.
bench()
{
	./psring-bench --rounds 1 --duration 0.2 --json bench.json \
		kernel flood >out 2>err || return 1
	[ "$(grep -c '"scenario": "kernel"' bench.json)" -eq 14 ] || return 1
	grep -q '"received": 0,' bench.json && return 1
	if [ "$(nproc)" -eq 1 ]; then
		! grep -q '"valid": true' bench.json
	else
		grep -q '"valid": true' bench.json
	fi
}

# Other processes send to the same group; some say that they are the kernel.
send_among_forged()
{
	./forge 20 4711
	$frames v1 ipv4 --count 100 >sent
	./forge 40 0
}

# beside_sums KEY NUMBER: what the ledger says
beside_sums()
{
	grep -q "^{.*\"$1\":$2,.*\"queues\"" err
}

forged()
{
	sample v0 ingress rate 1 group 5
	for transport in uring recvmmsg; do
		listen --transport $transport --verify-sender || return 1
		send_among_forged
		end_listening || return 1
		same sent field data && beside_sums forged 60 &&
			beside_sums foreign 60 && beside_sums userspace 0 ||
			return 1
		listen --transport $transport || return 1
		send_among_forged
		end_listening || return 1
		[ "$(wc -l <out)" -eq 160 ] && beside_sums forged 0 &&
			beside_sums userspace 20 || return 1
	done
}

# A cable of its own in the namespace $1, and samples of the same group.
sampling_netns()
{
	ip netns add "$1"
	ip -n "$1" link add v0 type veth peer name v1
	for dev in v0 v1; do
		[ ! -d /proc/sys/net/ipv6 ] ||
			ip -n "$1" link set $dev addrgenmode none
		ip -n "$1" link set $dev up
	done
	sample_netns "$1"
}

sample_netns()
{
	tc -n "$1" qdisc add dev v0 clsact
	tc -n "$1" filter add dev v0 ingress matchall \
		action sample rate 1 group 5
}

# 350 samples of three namespaces, and 20 of a forger in one of them.
send_in_netns()
{
	ip netns exec stranger $frames v1 ipv4 --quiet --count 50
	$frames v1 ipv4 --count 100 >sent.here
	ip netns exec near $frames v1 ipv4 --count 200 >sent.near
	ip netns exec near ./forge 20 4711
}

# What is sampled in another namespace: in one that is entered, and in all that
# have an id here, each by its own numbers.
netns()
{
	sampling_netns near
	sampling_netns stranger
	ip netns set near 7
	sample v0 ingress rate 1 group 5
	listen --netns near || return 1
	send_in_netns
	end_listening || return 1
	grep -v userspace out >samples
	mv samples out
	same sent.near field data && lost 0 && grep nsid out && return 1

	for transport in uring recvmmsg; do
		listen --all-netns --verify-sender --transport $transport ||
			return 1
		send_in_netns
		end_listening || return 1
		beside_sums received 320 && beside_sums forged 20 && lost 0 ||
			return 1
		[ "$(grep -o '"missing":0,[^}]*"duplicate":0' err | wc -l)" \
			-eq 2 ] || return 1
		mv out all
		grep '"nsid":7,' all >out
		same sent.near field data || return 1
		grep -v '"nsid"' all >out
		same sent.here field data || return 1
	done
}

# figure KEY: the first of that name
figure()
{
	grep -o "\"$1\":[^,}]*" out | head -n 1 | cut -d: -f2
}

# With the last process of a network namespace goes all that is in it, as the
# sampling actions, of which each holds the module: when the kernel finds time.
testbed_is_gone()
{
	for _ in $(seq 1200); do
		[ "$(cat /sys/module/act_sample/refcnt)" -eq 0 ] && break
		sleep 0.05
	done
	[ "$(cat /sys/module/act_sample/refcnt)" -eq 0 ] &&
		! ip link show psring0 >/dev/null 2>&1 && return 0
	echo "  the testbed is still there: $(lsmod | grep act_sample)"
	return 1
}

# Every packet is accounted for, whatever is asked for; nothing of it remains.
stress()
{
	for options in "--duration 0.5" "--duration 0.5 --senders 2" \
		"--duration 0.5 --group-count 32 --groups 3,32" \
		"--duration 0.5 --sample-rate 10 --group-count 2" \
		"--duration 0.5 --sample-rate 10 --senders 2" \
		"--duration 0.5 --stall 100/200 --rcvbuf 256k" \
		"--max --duration 0.2" "--chaos --seed 2 --duration 3"; do
		# shellcheck disable=SC2086 # several words
		$psring stress --json $options >out 2>err || return 1
		sent=$(figure sent)
		[ "$(figure balanced)" = true ] && [ "$sent" -gt 0 ] &&
			[ "$sent" -eq "$(figure hooked)" ] || return 1
		case $options in
		*rate*senders*) ;; # an estimate
		*) [ "$(figure unaccounted)" -eq 0 ] || return 1 ;;
		esac
		case $options in
		*sample-rate*) ;;
		*groups*) [ "$(figure built)" -eq $((2 * sent)) ] || return 1 ;;
		*) [ "$(figure built)" -eq "$sent" ] || return 1 ;;
		esac
		echo "  $options: $(cut -c 1-180 out)"
	done
	# By chance, so it is somewhere near.
	$psring stress --json --duration 1 --sample-rate 10 >out 2>err || return 1
	figure observed | awk '{ exit !($1 > 8 && $1 < 12) }' || return 1
	testbed_is_gone || return 1

	rm -f err
	$psring stress --duration 60 >out 2>err &
	stress=$!
	told packets/s 1 || return 1
	[ "$(cat /sys/module/act_sample/refcnt)" -gt 0 ] || return 1
	kill -KILL $stress
	{ wait $stress; } 2>/dev/null
	testbed_is_gone
}

nobody_exists()
{
	grep -qs ^nobody: /etc/passwd ||
		echo nobody:x:65534:65534:::/bin/sh >>/etc/passwd
}

stress_refused()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "$psring stress" >out 2>err && return 1
	[ "$(wc -l <err)" -eq 1 ] && grep -q CAP_SYS_ADMIN err
}

kernel_groups()
{
	sample v0 ingress rate 1 group 5
	sample v0 egress rate 1 group 4294967295
	$psring groups --format json >out || return 1
	grep -q '"group": \{0,1\}5\b' out && grep -q '"group": \{0,1\}4294967295' out
}

# Which filter feeds which group, on either kind of qdisc, and how many packets
# came by; an action that no filter uses makes a group that none feeds.
fed_by()
{
	sample v0 ingress rate 10 group 5 trunc 128
	tc filter add dev v0 egress protocol ip flower dst_ip 10.1.2.3 \
		action sample rate 2 group 5 action sample rate 3 group 9
	tc qdisc add dev v1 ingress
	tc filter add dev v1 ingress protocol ip pref 3 flower src_ip 10.1.2.4 \
		action sample rate 4 group 4294967295 trunc 64
	tc actions add action sample rate 1 group 77 index 99
	$frames v1 ipv4 --quiet --count 1234
	$psring groups >out || return 1
	sed 's/  *[0-9]*  *[0-9]*$//' out >got
	cat >expected <<-END
		     group  refcount   group_seq
		         5
		            fed by v0 ingress matchall pref 49152 1:10 trunc 128, 1 234 packets
		            fed by v0 egress flower pref 49152 1:2 whole packets, 0 packets
		         9
		            fed by v0 egress flower pref 49152 1:3 whole packets, 0 packets
		        77
		            fed by no tc filter: by a switch driver, or an action without filter
		4294967295
		            fed by v1 ingress flower pref 3 1:4 trunc 64, 0 packets
	END
	tc actions del action sample index 99
	# No terminal and no shell is to obey the name of a link.
	ip link add 'w;"0' type dummy
	tc qdisc add dev 'w;"0' clsact
	tc filter add dev 'w;"0' ingress matchall action sample rate 1 group 6
	$psring groups | grep -q 'fed by w??0 ingress' || return 1
	ip link del 'w;"0'
	# In which order the kernel lists groups is its own affair.
	sort expected >wanted
	sort got | diff wanted - || return 1
	$psring groups --json >out || return 1
	grep '"group":9,' out | grep -q '"fed_by":\[{"interface":"v0","ifindex":[0-9]*,"hook":"egress","filter":"flower","pref":49152,"chain":0,"handle":1,"rate":3,"packets":0,"bytes":0,"in_hw":false}\]}$'
}

unprivileged()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "$psring dump" >out 2>err && return 1
	grep -q CAP_NET_ADMIN err || return 1
	# As distributions have it, and as it once was; 1 cannot be taken back.
	for disabled in 2 0 1; do
		echo $disabled >/proc/sys/kernel/unprivileged_bpf_disabled
		busybox su -s /bin/sh nobody -c "$psring dump --transport bpf" \
			>out 2>err && return 1
		grep -q 'needs CAP_BPF' err || return 1
	done
}

# Waits until $1 stands in err for the $2th time.
told()
{
	for _ in $(seq 200); do
		times=$(grep -cs "$1" err)
		[ "${times:-0}" -ge "$2" ] && return 0
		sleep 0.05
	done
	echo "  not told: $1"
	return 1
}

unload()
{
	tc qdisc del dev v0 clsact
	# The kernel frees tc's actions later, when it finds time.
	for _ in $(seq 1200); do
		modprobe -r act_sample psample 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

load()
{
	modprobe -a psample act_sample
}

# reloads OPTION... : 3 times 100 samples, and psample unloaded and loaded again
# between them, under the same engine, which has no privilege by then.
reloads()
{
	tc qdisc replace dev v0 clsact
	tc filter del dev v0 ingress
	sample v0 ingress rate 1 group 5
	listen --count 300 "$@" || return 1
	$frames v1 ipv4 --count 100 >sent
	for round in 1 2; do
		unload && told '^interrupted' $round && load || return 1
		told '^listening' $((round + 1)) || return 1
		tc qdisc add dev v0 clsact
		sample v0 ingress rate 1 group 5
		$frames v1 ipv4 --count 100 >>sent
	done
	heard || return 1
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0 && grep -q '^{.*"interruptions":2,' err
}

reload()
{
	grep -qs ^daemon: /etc/passwd || echo daemon:x:1:1:::/ >>/etc/passwd
	reloads || return 1
	grep -q '^listening on psample, 1 queue, .*, as nobody$' err || return 1
	reloads --queues 4 --user daemon || return 1
	grep -q '^listening on psample, 4 queues, .*, as daemon$' err || return 1
	reloads --queues 2 --transport bpf && reloads --transport recvmmsg
}

# An engine that listens in another namespace than its program is in.
reload_netns()
{
	sampling_netns near
	rm -f err
	./elsewhere /run/netns/near 210 >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	for round in 1 2; do
		ip netns exec near $frames v1 ipv4 --quiet --count 100
		tc -n near qdisc del dev v0 clsact
		unload && told '^interrupted' $round && load || return 1
		told '^listening' $((round + 1)) || return 1
		tc qdisc add dev v0 clsact
		sample v0 ingress rate 1 group 5
		sample_netns near
	done
	# Not heard; and more than it takes, so that it stops in between.
	$frames v1 ipv4 --quiet --count 100
	kill -0 "$listener" || return 1
	ip netns exec near $frames v1 ipv4 --quiet --count 5000
	heard && grep -x '2 interruptions, 0 lost, 0 left, 0 missing' out
}

reload_wait()
{
	unload || return 1
	listen --count 100 --wait &
	told '^waiting' 1 && load && wait $! || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	$frames v1 ipv4 --count 100 >sent
	for _ in $(seq 200); do
		grep -q '^{.*"queues"' err && break
		sleep 0.05
	done
	same sent field data && grep -q '^{.*"interruptions":0,' err
}

# Nobody is left who could join.
reload_in_vain()
{
	listen || return 1
	for comm in /proc/[0-9]*/comm; do
		grep -qsx psring-joiner "$comm" || continue
		comm=${comm%/comm}
		kill -KILL "${comm#/proc/}"
	done
	unload && load || return 1
	wait "$listener"
	[ $? -eq 1 ] && grep -q 'cannot join again: keep CAP_NET_ADMIN' err
}

# Since 6.6 io_uring can be forbidden: by name it is refused, auto falls back.
uring_disabled()
{
	disabled=/proc/sys/kernel/io_uring_disabled
	echo 2 >$disabled
	$psring dump --transport uring >out 2>err
	status=$?
	grep -q io_uring_disabled err || status=0
	sample v0 ingress rate 1 group 5
	listen --count 100 || status=0
	echo 0 >$disabled
	[ $status -eq 1 ] && grep -q 'recvmmsg.*io_uring_disabled' err || return 1
	$frames v1 ipv4 --quiet --count 100
	heard && [ "$(wc -l <out)" -eq 100 ] && lost 0
}

# monitor OPTION... : starts psring as libpsample's tool, as the kernel's selftest
# tc_sample.sh does, and returns when it hears samples: it does not say so.
monitor()
{
	ln -sf psring psample
	rm -f out
	./psample "$@" >out 2>&1 &
	listener=$!
	for _ in $(seq 200); do
		$frames v1 ipv4 --quiet --count 1 --size 77
		grep -qs 'origsize 77 ' out && return 0
		sleep 0.05
	done
	return 1
}

# seen NUMBER PATTERN: so many lines come, without an end of the listener
seen()
{
	for _ in $(seq 200); do
		[ "$(grep -cE "$2" out)" -eq "$1" ] && return 0
		sleep 0.05
	done
	echo "  not seen $1 times: $2"
	return 1
}

end_monitor()
{
	kill "$listener"
	wait "$listener"
}

drop_in()
{
	sample v0 ingress rate 1 group 1 trunc 128
	monitor || return 1
	iif=$(cat /sys/class/net/v0/ifindex)
	$frames v1 ipv4 --quiet --count 100 --size 333
	day='(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 1-3][0-9]'
	seen 100 "^group 1 in-ifindex $iif origsize 333 sample-rate 1 seq [0-9]+ timestamp $day [0-9:]{8} 20[0-9]{2} [0-9]{9} nsec protocol 0x800 \$" ||
		return 1
	tc actions add action sample rate 1 group 4294967295 index 99
	tc actions del action sample index 99
	seen 1 '^created group 4294967295 with current seq 0 $' &&
		seen 1 '^deleted group 4294967295 with current seq 0 $' ||
		return 1
	# A selftest counts the lines of both outputs.
	end_monitor && ! grep -Ev '^(group 1|created group|deleted group) ' out ||
		return 1

	monitor -c -v -g 1 || return 1
	$frames v1 ipv4 --count 3 --size 333 >sent
	seen 3 'origsize 333 .*protocol 0x800 data len 128$' || return 1
	end_monitor || return 1
	sent_head 128
	sed '1,/origsize 333/{/origsize 333/!d}' out |
		sed -n 's/^0x[0-9a-f]*:  \(.\{48\}\) .*/\1/p' |
		tr -d ' \n' | fold -w 256 >got
	echo >>got
	cmp expected got || return 1

	# What goes to another group is held back.
	sample v0 ingress rate 1 group 2
	monitor --group 2 || return 1
	tc actions add action sample rate 1 group 7 index 99
	tc actions del action sample index 99
	tc filter del dev v0 ingress
	seen 1 '^deleted group 2 with current seq [1-9]' || return 1
	end_monitor && ! grep -Ev '^(deleted )?group 2 ' out || return 1
	sample v0 ingress rate 1 group 1 trunc 128

	nobody_exists
	busybox su -s /bin/sh nobody -c 'exec ./psample --no-sample' >out 2>&1 &
	listener=$!
	for _ in $(seq 200); do
		tc actions add action sample rate 1 group 8 index 99
		tc actions del action sample index 99
		grep -qs 'created group 8 ' out && break
		sleep 0.05
	done
	end_monitor
	grep -q '^created group 8 with current seq 0 $' out &&
		! grep -v ' group 8 ' out || return 1

	./psample -l >out || return 1
	[ "$(head -n 1 out)" = 'Group Num       Refcount        Group Seq      ' ] &&
		grep -Eqx '1 {15}1 {15}[0-9]+ +' out
}

drop_in_capture()
{
	sample v0 ingress rate 1 group 5
	ln -sf psring psample
	./psample -w capture.pcap >out 2>err &
	listener=$!
	told '^listening' 1 || return 1
	$frames v1 ipv4 --count 100 >sent
	sleep 0.3
	end_monitor || return 1
	$psring dump --read capture.pcap --format json >out 2>err || return 1
	rm capture.pcap
	same sent field data
}

# What is lost is told, once.
drop_in_loss()
{
	sample v0 ingress rate 1 group 1
	mkfifo pipe
	ln -sf psring psample
	./psample -c >pipe 2>err &
	listener=$!
	exec 9<pipe
	for _ in $(seq 200); do
		$frames v1 ipv4 --quiet --count 20000 --size 60
		[ "$(awk '$2 == 16 { drops += $9 } END { print drops + 0 }' \
			/proc/net/netlink)" -gt 0 ] && break
	done
	kill $listener
	cat <&9 >out
	exec 9<&-
	wait $listener
	rm pipe
	[ "$(grep -c '^group 1 ' out)" -gt 1000 ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -Eqx 'psample: [1-9][0-9]* samples were lost' err
}

# diagnose COMMAND... : what psring doctor finds, by way of COMMAND
diagnose()
{
	"$@" $psring doctor --duration 0.2 >out 2>err
}

diagnose_as_nobody()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "$psring doctor --duration 0.2" >out 2>err
}

# says VERDICT CHECK REASON [COMMAND]: a finding, and what mends it
says()
{
	awk -v verdict="$1" -v check="$2" -v reason="$3" -v command="${4:-}" '
		found && !done { mended = index($0, command); done = 1 }
		!found && $1 == verdict && $2 == check && index($0, reason) {
			found = 1
		}
		END { exit !(found && (command == "" || mended)) }' out && return
	echo "  not said: $*"
	sed 's/^/  said: /' out
	return 1
}

# The command that was told with a finding of check $1 does mend it.
mend_by_the_command()
{
	sh -c "$(awk -v check="$1" '
		found { print; exit }
		$1 != "ok" && $2 == check { found = 1 }' out)"
}

doctor_well()
{
	sample v0 ingress rate 10 group 5 trunc 128
	$frames v1 ipv4 --quiet --count 1000000 --burst 10 --every-us 1000 &
	sender=$!
	diagnose
	status=$?
	kill $sender
	{ wait $sender; } 2>/dev/null
	[ $status -eq 0 ] && says ok psample '1 sample group' &&
		says ok filters '1 sample action of tc' &&
		says ok packets 'v0 ingress matchall pref 49152 1:10 trunc 128' &&
		says ok join joined && says ok listener 'nobody else' &&
		says ok io_uring allowed && says ok io_uring 'multishot' &&
		says ok bpf loaded && says ok rcvbuf '33 554 432 of 33 554 432' &&
		says ok kernel counts && ! grep -q '^fail' out || return 1
	case $(uname -r) in
	6.1.*) says ok io_uring 'without incremental buffers (Linux 6.12)' ;;
	*) says ok io_uring 'incremental buffers, min_wait' ;;
	esac
}

doctor_filters()
{
	diagnose && return 1
	says fail filters 'no filter of tc samples' 'tc filter add dev v' ||
		return 1
	case $(uname -r) in
	6.1.*) ;; # the emulated one has no such module
	*)
		modprobe openvswitch
		diagnose
		status=$?
		modprobe -r openvswitch
		[ $status -eq 0 ] &&
			says warn filters 'maybe Open vSwitch, which is in no' ||
			return 1
		diagnose
		;;
	esac
	tc qdisc del dev v0 clsact
	mend_by_the_command filters
	sampling=$(sed -n 's/.* filter add dev \(v.\) ingress .*/\1/p' out)
	diagnose || return 1
	says ok filters '1 sample action' &&
		says warn packets 'no packet came by' || return 1
	ip link set "$sampling" down
	diagnose
	says warn packets 'the link is down' 'ip link set v' &&
		mend_by_the_command packets || return 1
	diagnose
	grep -q 'the link is down' out && return 1
	ip link set "v$((1 - ${sampling#v}))" down
	diagnose
	says warn packets 'the link has no carrier' 'tc -s filter show' ||
		return 1
	ip link del v0
	ip link add w0 index 70000 type dummy
	ip netns add empty
	ip netns add far
	ip -n far link set lo up
	tc -n far qdisc add dev lo clsact
	tc -n far filter add dev lo ingress matchall \
		action sample rate 1 group 5 trunc 128
	diagnose && return 1
	says fail filters 'but 1 in namespace far' \
		'psring dump --netns far' || return 1
	# What comes after that is about this namespace again.
	says warn ifindex 'w0 is interface 70000' 'ip link add w0' || return 1
	ip link del w0
	$psring doctor --netns far --duration 0.2 >out || return 1
	says ok filters '1 sample action' && says warn packets 'no packet came' &&
		! grep -q 'the link' out || return 1
	$psring groups --netns far | grep -q 'fed by lo ingress matchall'
}

doctor_privileges()
{
	sample v0 ingress rate 10 group 5 trunc 128
	rmem_max=$(cat /proc/sys/net/core/rmem_max)
	echo 65536 >/proc/sys/net/core/rmem_max
	diagnose_as_nobody
	status=$?
	echo "$rmem_max" >/proc/sys/net/core/rmem_max
	[ $status -eq 1 ] &&
		says fail join 'no CAP_NET_ADMIN' 'setcap cap_net_admin' &&
		says warn bpf CAP_BPF 'setcap cap_net_admin,cap_bpf' &&
		says warn kernel 'not tried' 'setcap cap_net_admin' &&
		says warn rcvbuf '65 536 of 33 554 432' \
			'sysctl -w net.core.rmem_max=33554432' || return 1
	# Root, but of a user namespace that does not own this network.
	diagnose unshare -Ur && return 1
	says fail join 'does not own this network namespace' nsenter
}

doctor_rate()
{
	$psring doctor --source synthetic --rate 100000000 >out 2>err || return 1
	says warn rcvbuf 'at 100 000 000/s' 'psring dump --rcvbuf'
}

# Since Linux 6.6.
doctor_uring()
{
	disabled=/proc/sys/kernel/io_uring_disabled
	[ -e $disabled ] || return 0
	echo 2 >$disabled
	$psring doctor --source synthetic >out 2>err
	status=$?
	says warn io_uring 'io_uring_disabled is 2' \
		'sysctl -w kernel.io_uring_disabled=0' || status=1
	mend_by_the_command io_uring >/dev/null
	$psring doctor --source synthetic >out 2>err && says ok io_uring allowed &&
		[ $status -eq 0 ]
}

# One whose receive buffer has the usual size, and then overflows.
doctor_listener()
{
	sample v0 ingress rate 1 group 5 trunc 128
	rcvbuf=$(($(cat /proc/sys/net/core/rmem_default) / 2))
	$psring stat --once --rcvbuf $rcvbuf --buffers 1 >out.stat 2>err &
	listener=$!
	told '^listening' 1 || return 1
	diagnose
	says warn listener "psring, pid $listener (port" \
		'sysctl -w net.core.rmem_default=33554432' &&
		grep -q 'receive buffer of the usual size' out || return 1
	kill -STOP $listener
	$frames v1 ipv4 --quiet --count 2000
	diagnose
	kill -CONT $listener
	kill -INT $listener
	wait $listener
	says warn listener "has lost 1 " 'sysctl -w net.core.rmem_default'
}

doctor_traps()
{
	sample v0 ingress rate 10 group 5
	ip link add w0 index 70000 type veth peer name w1
	diagnose
	status=$?
	ip link del w0
	[ $status -eq 0 ] &&
		says warn ifindex 'w0 is interface 70000' 'ip link add w0' &&
		says warn ifindex 'they say 4464' &&
		says warn trunc 'whole packets: the receive buffer holds' \
			'tc actions change action sample rate 10' || return 1
	mend_by_the_command trunc || return 1
	diagnose
	tc filter show dev v0 ingress | grep -q 'trunc_size 128 continue' &&
		! grep -Eq 'warn  (trunc|ifindex)' out || return 1
	[ "$(nproc)" -eq 1 ] && return 0
	# One queue, one CPU; until the kernel deals its packets out to two.
	grep -q ' cpus ' out && return 1
	echo 3 >/sys/class/net/v0/queues/rx-0/rps_cpus
	diagnose
	says ok cpus 'several CPUs may feed group 5 (2 ' || return 1
	echo 0 >/sys/class/net/v0/queues/rx-0/rps_cpus
	sample v0 egress rate 10 group 5 trunc 128
	diagnose
	says ok cpus 'several CPUs may feed group 5 (2 '
}

# The kernel's configuration, wherever a distribution puts it.
doctor_config()
{
	[ ! -e /proc/config.gz ] || return 0
	sample v0 ingress rate 10 group 5 trunc 128
	rm -f "/boot/config-$(uname -r)"
	diagnose
	says warn config 'cannot be told' 'modprobe configs' || return 1
	mkdir -p /boot
	printf 'CONFIG_%s=m\n' PSAMPLE NET_SCHED NET_CLS_ACT NET_ACT_SAMPLE \
		NET_CLS_MATCHALL NET_SCH_INGRESS IO_URING BPF_SYSCALL \
		>"/boot/config-$(uname -r)"
	diagnose
	says ok config 'has all 8 options' || return 1
	sed -i 's/CONFIG_NET_CLS_MATCHALL=m/# CONFIG_NET_CLS_MATCHALL is not set/' \
		"/boot/config-$(uname -r)"
	diagnose
	status=$?
	says warn config 'CONFIG_NET_CLS_MATCHALL is missing' \
		'scripts/config -m NET_CLS_MATCHALL' && [ $status -eq 0 ] &&
		[ "$(grep -c ' config ' out)" -eq 1 ] || return 1
	: >"/boot/config-$(uname -r)"
	diagnose && return 1
	says fail config 'CONFIG_PSAMPLE is missing' 'scripts/config -m PSAMPLE'
	status=$?
	rm "/boot/config-$(uname -r)"
	return $status
}

doctor_module()
{
	unload || return 1
	diagnose && return 1
	says fail psample 'not loaded' 'modprobe -a psample act_sample' &&
		says ok act_sample 'not loaded' || return 1
	mend_by_the_command psample
	diagnose
	says ok psample '0 sample groups' && says ok act_sample there || return 1
	modprobe -r act_sample psample
	# In the place of the modules, nothing: as in a kernel without them.
	mount -t tmpfs tmpfs "/lib/modules/$(uname -r)"
	diagnose
	status=$?
	umount "/lib/modules/$(uname -r)"
	[ $status -eq 1 ] && says fail psample 'no such module' \
		'apt-get install linux-image' &&
		says warn act_sample 'neither there nor' || return 1
	# A container has no modules, and may have a configuration that says more.
	mount -t tmpfs tmpfs /lib/modules
	diagnose && return 1
	says fail psample 'of a container, the host does' '# on the host' ||
		return 1
	if [ ! -e /proc/config.gz ]; then
		mkdir -p /boot
		: >"/boot/config-$(uname -r)"
		diagnose && return 1
		rm "/boot/config-$(uname -r)"
		says fail psample 'no such module' 'apt-get' || return 1
	fi
	umount /lib/modules
	load
}

# Last: the family is gone then.
no_family()
{
	ip link del v0
	modprobe -r act_sample psample || return 1
	$psring dump >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe psample' err || return 1
	$psring groups >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe psample' err || return 1
	# tc would have the module loaded.
	mount -t tmpfs tmpfs "/lib/modules/$(uname -r)"
	$psring stress >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe -a act_sample' err
}

# Since Linux 6.11 and 6.6.
case $(uname -r) in
6.1.*) newer= ;;
*) newer="openvswitch openvswitch_half uring_disabled" ;;
esac

# Where the guest has the programs of the machine it runs on.
! command -v tshark >/dev/null || newer="$newer wireshark pcapng nlmon"

for case in $newer ingress egress text text_without_ethernet ipv6 vlan_ingress vlan_egress trunc_0 \
	groups_and_rates wanted_groups thinned flower queues_by_seq queues_by_cpu \
	transports large_ifindex flow no_ingest_thread largest tunnel \
	forwarded cookie capture bursts regroup two_cpus readme event_loops \
	json_lines rates top_talkers metrics bench forged netns stress \
	stress_refused kernel_groups unprivileged reload reload_netns reload_example \
	reload_wait reload_in_vain fed_by doctor_well doctor_filters \
	doctor_privileges doctor_rate doctor_uring doctor_listener \
	doctor_traps doctor_config doctor_module drop_in drop_in_capture drop_in_loss \
	no_family; do
	[ $# -eq 0 ] || case " $* " in *" $case "*) ;; *) continue ;; esac
	ran=$((ran + 1))
	net_up
	if $case; then
		echo "ok $case"
	else
		echo "FAILED $case"
		head -n 5 err 2>/dev/null | cut -c 1-300 | sed 's/^/  err: /'
		head -n 2 out 2>/dev/null | cut -c 1-300 | sed 's/^/  out: /'
		failed=$((failed + 1))
	fi
	net_down
done
echo "$ran cases, $failed failed"
[ $ran -gt 0 ] && [ $failed -eq 0 ]
