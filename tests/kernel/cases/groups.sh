# SPDX-License-Identifier: MIT
#
# groups.sh - which packets become samples of which group, and how many they stand for
#
# shellcheck shell=sh

case_groups_and_rates()
{
	for group in 0 1 65535 65536 2147483648 4294967295; do
		sample v0 ingress rate 1 group $group trunc 64
	done
	sample v0 ingress rate 3 group 30 trunc 64
	listen || return 1
	./frames v1 ipv4 --count 300 >sent
	end_listening || return 1
	sent_head 64
	mv out all
	for group in 0 1 65535 65536 2147483648 4294967295; do
		grep "\"group\":$group," all >out
		same expected field data || return 1
	done
	grep '"group":30,' all >out
	always rate 3 || return 1
	# One in three by chance: 300 packets give none or all never.
	[ "$(wc -l <out)" -gt 30 ] && [ "$(wc -l <out)" -lt 200 ] || return 1
	field data | grep -vxFf expected && return 1
	lost 0
}

case_wanted_groups()
{
	sample v0 ingress rate 1 group 7 trunc 64
	sample v0 ingress rate 1 group 8 trunc 64
	sample v0 ingress rate 1 group 9 trunc 64
	listen --groups 7,9 --count 400 || return 1
	./frames v1 ipv4 --count 200 >sent
	heard || return 1
	[ "$(field group | sort | uniq -c | tr -s ' \n' ' ')" = " 200 7 200 9 " ]
}

# One in four, by chance: 2500 of 10000, within 6 sigma, sqrt(10000 * 3 / 16).
case_thinned()
{
	sample v0 ingress rate 1 group 5
	for transport in uring recvmmsg bpf; do
		listen --thin 4 --transport $transport || return 1
		./frames v1 ipv4 --quiet --count 10000
		end_listening || return 1
		lost 0 || return 1
		always rate 4 || return 1
		count=$(wc -l <out)
		[ "$count" -gt 2240 ] && [ "$count" -lt 2760 ] || return 1
	done
}

case_flower()
{
	tc filter add dev v0 ingress protocol ip flower dst_ip 10.1.2.3 \
		action sample rate 1 group 5
	listen || return 1
	./frames v1 ipv4 --count 100 --dst-ip 10.1.2.4 >/dev/null
	./frames v1 ipv4 --count 100 --dst-ip 10.1.2.3 >sent
	end_listening || return 1
	same sent field data
}

# The kernel makes the group anew when its last filter was deleted, a moment
# later: then it counts from 0 again.
case_regroup()
{
	sample v0 ingress rate 1 group 5
	listen --count 400 || return 1
	./frames v1 ipv4 --quiet --count 200
	sleep 0.3
	tc filter del dev v0 ingress
	for _ in $(seq 200); do
		./psring groups --format json | grep -q . || break
		sleep 0.05
	done
	sample v0 ingress rate 1 group 5
	./frames v1 ipv4 --quiet --count 200
	heard || return 1
	lost 0 && grep -q '"missing":0,.*"restarts":1}' err
}

# The same of psring stat, with its own word for how far off that may be; and an
# interface has its name.
case_metrics()
{
	sample v0 ingress rate 4 group 5 trunc 64
	start ./psring stat --format prometheus || return 1
	./frames v1 ipv4 --quiet --count 10000 --size 200
	end_listening || return 1
	grep -q '^psring_interface_samples_total{input="v0",iif="[0-9]*",output="",oif=""} ' \
		out || return 1
	# 6 standard deviations; busybox may know no root.
	awk '$1 == "psring_group_estimated_bytes_total{group=\"5\"}" { bytes = $2 }
		$1 == "psring_group_estimate_variance_total{group=\"5\"}" { variance = $2 }
		END { off = bytes - 2000000
			exit !(variance > 0 && off * off < 36 * variance) }' out
}

case_kernel_groups()
{
	sample v0 ingress rate 1 group 5
	sample v0 egress rate 1 group 4294967295
	./psring groups --format json >out || return 1
	grep -q '"group": \{0,1\}5\b' out && grep -q '"group": \{0,1\}4294967295' out
}

# Which filter feeds which group, on either kind of qdisc, and how many packets
# came by; an action that no filter uses makes a group that none feeds.
case_fed_by()
{
	sample v0 ingress rate 10 group 5 trunc 128
	tc filter add dev v0 egress protocol ip flower dst_ip 10.1.2.3 \
		action sample rate 2 group 5 action sample rate 3 group 9
	tc qdisc add dev v1 ingress
	tc filter add dev v1 ingress protocol ip pref 3 flower src_ip 10.1.2.4 \
		action sample rate 4 group 4294967295 trunc 64
	tc actions add action sample rate 1 group 77 index 99
	./frames v1 ipv4 --quiet --count 1234
	./psring groups >out || return 1
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
	# No terminal is to obey the name of a link, and no program to miss it.
	ip link add 'w;"+' type dummy
	tc qdisc add dev 'w;"+' clsact
	tc filter add dev 'w;"+' ingress matchall action sample rate 1 group 6
	./psring groups | grep -q 'fed by w;?+ ingress' || return 1
	./psring groups --json | grep -q '"interface":"w;?+",' || return 1
	ip link del 'w;"+'
	# In which order the kernel lists groups is its own affair.
	sort expected >wanted
	sort got | diff wanted - || return 1
	./psring groups --json >out || return 1
	grep '"group":9,' out | grep -q '"fed_by":\[{"interface":"v0","ifindex":[0-9]*,"hook":"egress","filter":"flower","pref":49152,"chain":0,"handle":1,"rate":3,"packets":0,"bytes":0,"in_hw":false}\]}$'
}
