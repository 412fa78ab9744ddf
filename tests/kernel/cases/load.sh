# SPDX-License-Identifier: MIT
#
# load.sh - the programs that make their own load: psring stress, psring-bench
#
# shellcheck shell=sh

# The benchmark's own flood of packets that psample samples; it ends with an
# error if a sample is missing in its sums. One CPU measures itself, and says so.
case_bench()
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

# figure KEY: the first of that name
figure()
{
	field "$1" | head -n 1
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
case_stress()
{
	for options in "--duration 0.5" "--duration 0.5 --senders 2" \
		"--duration 0.5 --group-count 32 --groups 3,32" \
		"--duration 0.5 --sample-rate 10 --group-count 2" \
		"--duration 0.5 --sample-rate 10 --senders 2" \
		"--duration 0.5 --stall 100/200 --rcvbuf 256k" \
		"--max --duration 0.2" "--chaos --seed 2 --duration 3"; do
		# shellcheck disable=SC2086 # several words
		./psring stress --json $options >out 2>err || return 1
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
	./psring stress --json --duration 1 --sample-rate 10 >out 2>err || return 1
	figure observed | awk '{ exit !($1 > 8 && $1 < 12) }' || return 1
	testbed_is_gone || return 1

	rm -f err
	./psring stress --duration 60 >out 2>err &
	stress=$!
	told packets/s 1 || return 1
	[ "$(cat /sys/module/act_sample/refcnt)" -gt 0 ] || return 1
	kill -KILL $stress
	{ wait $stress; } 2>/dev/null
	testbed_is_gone
}

case_stress_refused()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "./psring stress" >out 2>err && return 1
	[ "$(wc -l <err)" -eq 1 ] && grep -q CAP_SYS_ADMIN err
}
