# SPDX-License-Identifier: MIT
#
# drop_in.sh - psring in the place of libpsample's tool
#
# shellcheck shell=sh

# monitor OPTION... : starts psring as libpsample's tool, as the kernel's selftest
# tc_sample.sh does, and returns when it hears samples: it does not say so.
monitor()
{
	ln -sf psring psample
	rm -f out
	./psample "$@" >out 2>&1 &
	listener=$!
	for _ in $(seq 200); do
		./frames v1 ipv4 --quiet --count 1 --size 77
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

case_drop_in()
{
	sample v0 ingress rate 1 group 1 trunc 128
	monitor || return 1
	iif=$(cat /sys/class/net/v0/ifindex)
	./frames v1 ipv4 --quiet --count 100 --size 333
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
	./frames v1 ipv4 --count 3 --size 333 >sent
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

case_drop_in_capture()
{
	sample v0 ingress rate 1 group 5
	ln -sf psring psample
	start ./psample -w capture.pcap || return 1
	./frames v1 ipv4 --count 100 >sent
	sleep 0.3
	end_monitor || return 1
	./psring dump --read capture.pcap --format json >out 2>err || return 1
	rm capture.pcap
	same sent field data
}

# What is lost is told, once.
case_drop_in_loss()
{
	sample v0 ingress rate 1 group 1
	mkfifo pipe
	ln -sf psring psample
	./psample -c >pipe 2>err &
	listener=$!
	exec 9<pipe
	for _ in $(seq 200); do
		./frames v1 ipv4 --quiet --count 20000 --size 60
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
