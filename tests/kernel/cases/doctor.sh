# SPDX-License-Identifier: MIT
#
# doctor.sh - what psring doctor finds, and that what it tells to do helps
#
# shellcheck shell=sh

# diagnose COMMAND... : what psring doctor finds, by way of COMMAND
diagnose()
{
	"$@" ./psring doctor --duration 0.2 >out 2>err
}

diagnose_as_nobody()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "./psring doctor --duration 0.2" >out 2>err
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

case_doctor_well()
{
	sample v0 ingress rate 10 group 5 trunc 128
	./frames v1 ipv4 --quiet --count 1000000 --burst 10 --every-us 1000 &
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

case_doctor_filters()
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
	./psring doctor --netns far --duration 0.2 >out || return 1
	says ok filters '1 sample action' && says warn packets 'no packet came' &&
		! grep -q 'the link' out || return 1
	./psring groups --netns far | grep -q 'fed by lo ingress matchall'
}

# Between two looks at its counter a filter was replaced, and begins anew.
case_doctor_replaced()
{
	sample v0 ingress rate 10 group 5 trunc 128
	./frames v1 ipv4 --quiet --count 100
	tc -s filter show dev v0 ingress | grep -q ' 100 pkt' || return 1
	./psring doctor --duration 2 >out 2>err &
	until grep -q '1 sample action of tc' out; do sleep 0.05; done
	tc filter del dev v0 ingress
	sample v0 ingress rate 10 group 5 trunc 128
	wait $! && ! grep ' packets ' out
}

case_doctor_privileges()
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

case_doctor_rate()
{
	./psring doctor --source synthetic --rate 100000000 >out 2>err || return 1
	says warn rcvbuf 'at 100 000 000/s' 'psring dump --rcvbuf'
}

# Since Linux 6.6.
case_doctor_uring()
{
	disabled=/proc/sys/kernel/io_uring_disabled
	[ -e $disabled ] || return 0
	echo 2 >$disabled
	./psring doctor --source synthetic >out 2>err
	status=$?
	says warn io_uring 'io_uring_disabled is 2' \
		'sysctl -w kernel.io_uring_disabled=0' || status=1
	mend_by_the_command io_uring >/dev/null
	./psring doctor --source synthetic >out 2>err && says ok io_uring allowed &&
		[ $status -eq 0 ]
}

# One whose receive buffer has the usual size, and then overflows.
case_doctor_listener()
{
	sample v0 ingress rate 1 group 5 trunc 128
	rcvbuf=$(($(cat /proc/sys/net/core/rmem_default) / 2))
	./psring stat --once --rcvbuf $rcvbuf --buffers 1 >out.stat 2>err &
	listener=$!
	told '^listening' 1 || return 1
	diagnose
	says warn listener "psring, pid $listener (port" \
		'sysctl -w net.core.rmem_default=33554432' &&
		grep -q 'receive buffer of the usual size' out || return 1
	kill -STOP $listener
	./frames v1 ipv4 --quiet --count 2000
	diagnose
	kill -CONT $listener
	kill -INT $listener
	wait $listener
	says warn listener "has lost 1 " 'sysctl -w net.core.rmem_default' &&
		grep -q 'too small (of psring: --rcvbuf)' out
}

# A link is asked by its whole name whether it is up, and shown by what neither a
# terminal nor a shell obeys.
case_doctor_names()
{
	ip link add 'w;"+' up type dummy
	tc qdisc add dev 'w;"+' clsact
	sample 'w;"+' ingress rate 1 group 5 trunc 128
	diagnose
	ip link del 'w;"+'
	says warn packets 'w;?+ ingress' 'tc -s filter show dev w??+ ingress' &&
		! grep 'the link is down' out
}

case_doctor_traps()
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
case_doctor_config()
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

case_doctor_module()
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
