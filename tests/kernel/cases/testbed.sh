# SPDX-License-Identifier: MIT
#
# testbed.sh - the cable between v0 and v1, the filters that sample, the module
#
# shellcheck shell=sh

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
	ip link del v0 2>/dev/null || ip link del v1 2>/dev/null
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

nobody_exists()
{
	grep -qs ^nobody: /etc/passwd ||
		echo nobody:x:65534:65534:::/bin/sh >>/etc/passwd
}
