# SPDX-License-Identifier: MIT
#
# engine.sh - queues, transports and threads: each delivers every sample once
#
# shellcheck shell=sh

case_queues_by_seq()
{
	sample v0 ingress rate 1 group 5
	listen --queues 4 --consumers 2 --count 4000 || return 1
	./frames v1 ipv4 --count 4000 >sent
	heard || return 1
	sed -n 's/.*"group_seq":\([0-9]*\).*"queue":\([0-9]*\).*/\1 \2/p' out |
		awk '$1 % 4 != $2 { exit 1 }' || return 1
	sort -t: -k3 -n out >sorted
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0
}

case_queues_by_cpu()
{
	sample v0 ingress rate 1 group 5
	listen --queues 2 --shard cpu --count 2000 || return 1
	./frames v1 ipv4 --count 2000 >sent
	heard || return 1
	sort sent >expected
	field data | sort >got
	cmp expected got && lost 0
}

# All transports hear the same traffic at once: 1100 samples of every kind that
# there is to send, the largest among them, in two groups.
case_transports()
{
	tc qdisc add dev lo clsact
	sample lo ingress rate 1 group 7
	sample v0 ingress rate 1 group 5 trunc 128
	sample v0 egress rate 1 group 6
	listeners=
	for transport in uring recvmmsg bpf; do
		./psring dump --format json --transport $transport \
			--count 1100 >out.$transport 2>err.$transport &
		listeners="$listeners $!"
		for _ in $(seq 200); do
			grep -q '^listening' err.$transport && break
			sleep 0.05
		done
	done
	for kind in ipv4 ipv6 vlan arp; do
		./frames v1 $kind --quiet --count 250
	done
	./frames v0 ipv4 --quiet --count 80 --size 1400
	./frames lo ipv4 --quiet --count 20 --size 65400 \
		--dst-mac 00:00:00:00:00:00
	status=0
	for pid in $listeners; do
		heard "$pid" || status=1
	done
	tc qdisc del dev lo clsact
	[ $status -eq 0 ] && [ "$(wc -l <out.uring)" -eq 1100 ] &&
		same out.uring cat out.recvmmsg && same out.uring cat out.bpf
}

# Both directions of a flow are one queue's; 20 flows are not all the same one's.
case_flow()
{
	sample v0 ingress rate 1 group 5
	listen --transport bpf --queues 4 --shard flow --count 400 || return 1
	for i in $(seq 20); do
		./frames v1 ipv4 --quiet --count 10 \
			--src-ip 10.1.0.1 --dst-ip "10.0.0.$i"
		./frames v1 vlan --quiet --count 10 \
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

case_no_ingest_thread()
{
	sample v0 ingress rate 1 group 5
	listen --ingest-threads 0 --count 1000 || return 1
	./frames v1 ipv4 --count 1000 >sent
	heard || return 1
	same sent field data && lost 0
}

# The traffic that the Go package and libpsample's tool lost most of.
case_bursts()
{
	sample v0 ingress rate 1 group 5 trunc 128
	start ./psring stat --once --format json --count 20000 || return 1
	./frames v1 ipv4 --quiet --count 20000 --burst 64 --every-us 2000
	heard || return 1
	grep -Eq '"received": ?20000\b' out && grep -Eq '"lost_socket": ?0\b' out
}

# Two CPUs count into one group without a lock: whatever its numbers say, nothing
# is lost. One CPU does it alone. As a mask of CPUs, 1 is the first, and 2, of
# two, the second.
case_two_cpus()
{
	tc qdisc add dev v1 clsact
	sample v0 ingress rate 1 group 5 trunc 64
	sample v1 ingress rate 1 group 5 trunc 64
	start ./psring stat --once --format json --count 40000 || return 1
	taskset 1 ./frames v1 ipv4 --quiet --count 20000 &
	sender=$!
	taskset "$(nproc)" ./frames v0 ipv4 --quiet --count 20000
	wait "$sender"
	heard || return 1
	sed -n 's/.*\("groups":\[[^]]*\).*/  \1/p' out
	grep -Eq '"received": ?40000\b' out && grep -Eq '"lost_socket": ?0\b' out
}

case $(uname -r) in
6.1.*) return ;;
esac

# Since 6.6 io_uring can be forbidden: by name it is refused, auto falls back.
case_uring_disabled()
{
	disabled=/proc/sys/kernel/io_uring_disabled
	echo 2 >$disabled
	./psring dump --transport uring >out 2>err
	status=$?
	grep -q io_uring_disabled err || status=0
	sample v0 ingress rate 1 group 5
	listen --count 100 || status=0
	echo 0 >$disabled
	[ $status -eq 1 ] && grep -q 'recvmmsg.*io_uring_disabled' err || return 1
	./frames v1 ipv4 --quiet --count 100
	heard && [ "$(wc -l <out)" -eq 100 ] && lost 0
}
