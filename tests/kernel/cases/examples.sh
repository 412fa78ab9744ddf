# SPDX-License-Identifier: MIT
#
# examples.sh - the program in the README, and those of tests/examples/
#
# shellcheck shell=sh

case_readme()
{
	sample v0 ingress rate 1 group 5
	./readme >out 2>err &
	listener=$!
	printed 'group 5: 128 bytes' || return 1
	kill "$listener"
	wait "$listener"
	! grep -vx 'group 5: 128 bytes' out
}

# The examples of event loops, each until it is told to stop.
case_event_loops()
{
	sample v0 ingress rate 1 group 5 trunc 64
	for loop in epoll uring libuv; do
		start ./example-$loop || return 1
		for _ in 1 2 3; do
			./frames v1 ipv4 --quiet --count 300
			sleep 0.05
		done
		stop || return 1
		[ "$(grep -cx 'group 5: 128 bytes' out)" -eq 900 ] || return 1
	done
}

case_json_lines()
{
	sample v0 ingress rate 1 group 5
	start ./example-json_lines 300 || return 1
	./frames v1 ipv4 --count 300 >sent
	heard && same sent field data
}

# What the samples stand for is all the packets, or nearly so.
case_rates()
{
	sample v0 ingress rate 4 group 5 trunc 64
	start ./example-rates 2 || return 1
	./frames v1 ipv4 --quiet --count 10000 --size 200
	heard || return 1
	# 6 standard deviations, of 2500 samples that each stand for 4.
	awk '$1 == 5 { packets = 2 * $3 }
		END { exit !(packets > 8960 && packets < 11040) }' out
}

case_top_talkers()
{
	sample v0 ingress rate 1 group 5
	start ./example-top_talkers 3 2 || return 1
	for i in 1 2 3; do
		./frames v1 ipv4 --quiet --count $((100 * i)) --size 100 \
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
