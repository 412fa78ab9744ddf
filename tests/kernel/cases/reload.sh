# SPDX-License-Identifier: MIT
#
# reload.sh - psample is unloaded and loaded again under a listener
#
# shellcheck shell=sh

# As a file and back; over a reload, which gives the family another number.
case_capture()
{
	sample v0 ingress rate 1 group 5
	listen --count 200 -w - || return 1
	./frames v1 ipv4 --count 100 >sent
	unload && told '^interrupted' 1 && load && told '^listening' 2 || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	./frames v1 ipv4 --count 100 >>sent
	heard && lost 0 || return 1
	mv out out.pcap
	./psring dump --format json --read out.pcap >out 2>err || return 1
	same sent field data && grep -q '"samples":200,"malformed":0,"other":2}' err
}

# reloads OPTION... : 3 times 100 samples, and psample unloaded and loaded again
# between them, under the same engine, which has no privilege by then.
reloads()
{
	tc qdisc replace dev v0 clsact
	tc filter del dev v0 ingress
	sample v0 ingress rate 1 group 5
	listen --count 300 "$@" || return 1
	./frames v1 ipv4 --count 100 >sent
	for round in 1 2; do
		unload && told '^interrupted' $round && load || return 1
		told '^listening' $((round + 1)) || return 1
		tc qdisc add dev v0 clsact
		sample v0 ingress rate 1 group 5
		./frames v1 ipv4 --count 100 >>sent
	done
	heard || return 1
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0 && grep -q '^{.*"interruptions":2,' err
}

case_reload()
{
	grep -qs ^daemon: /etc/passwd || echo daemon:x:1:1:::/ >>/etc/passwd
	reloads || return 1
	grep -q '^listening on psample, 1 queue, .*, as nobody$' err || return 1
	reloads --queues 4 --user daemon || return 1
	grep -q '^listening on psample, 4 queues, .*, as daemon$' err || return 1
	reloads --queues 2 --transport bpf && reloads --transport recvmmsg
}

# An engine that listens in another namespace than its program is in.
case_reload_netns()
{
	sampling_netns near
	start ./elsewhere /run/netns/near 210 || return 1
	for round in 1 2; do
		ip netns exec near ./frames v1 ipv4 --quiet --count 100
		tc -n near qdisc del dev v0 clsact
		unload && told '^interrupted' $round && load || return 1
		told '^listening' $((round + 1)) || return 1
		tc qdisc add dev v0 clsact
		sample v0 ingress rate 1 group 5
		sample_netns near
	done
	# Not heard; and more than it takes, so that it stops in between.
	./frames v1 ipv4 --quiet --count 100
	is_listening || return 1
	ip netns exec near ./frames v1 ipv4 --quiet --count 5000
	heard && grep -x '2 interruptions, 0 lost, 0 left, 0 missing' out
}

# It has joined again by itself.
case_reload_example()
{
	start ./example-epoll && unload && load || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	printed 'group 5: 128 bytes' && stop
}

case_reload_wait()
{
	unload || return 1
	listen --count 100 --wait &
	told '^waiting' 1 && load && wait $! || return 1
	tc qdisc add dev v0 clsact
	sample v0 ingress rate 1 group 5
	./frames v1 ipv4 --count 100 >sent
	for _ in $(seq 200); do
		grep -q '^{.*"queues"' err && break
		sleep 0.05
	done
	same sent field data && grep -q '^{.*"interruptions":0,' err
}

# Nobody is left who could join.
case_reload_in_vain()
{
	listen || return 1
	for comm in /proc/[0-9]*/comm; do
		grep -qsx psring-joiner "$comm" || continue
		comm=${comm%/comm}
		kill -KILL "${comm#/proc/}"
	done
	unload && load || return 1
	ended
	[ $? -eq 1 ] && grep -q 'cannot join again: keep CAP_NET_ADMIN' err
}
