#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stress.sh PSRING - psring stress on synthetic samples: every mode ends with a
# balance in which nothing is unaccounted, a seed gives one schedule, and books
# that do not balance are told and fail.
set -eu
psring=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "$*"
	cut -c 1-300 "$work/out" "$work/err"
	exit 1
}

stress()
{
	"$psring" stress --source synthetic --json "$@" \
		>"$work/out" 2>"$work/err"
}

# value KEY: of the balance; numbers and words
value()
{
	grep -o "\"$1\":[^,}]*" "$work/out" | head -n 1 | cut -d: -f2
}

# balanced WHAT : and something was delivered
balanced()
{
	local sent received lost
	sent=$(value sent)
	received=$(value received)
	lost=$(($(value lost_socket) + $(value lost_ring)))
	if [ "$(value unaccounted)" != 0 ] || [ "$(value balanced)" != true ] ||
		[ "$sent" -ne $((received + lost)) ] || [ "$received" -eq 0 ]; then
		fail "$1: $sent sent, $received received, $lost lost"
	fi
	echo "$1: sent $sent = received $received + lost $lost"
}

for transport in uring recvmmsg bpf; do
	stress --duration 0.5 --transport $transport --queues 2 --senders 2 \
		--group-count 3 || fail "soak by $transport"
	balanced "soak by $transport"
done
for key in sent hooked expected built received lost_socket lost_ring \
	delivered unaccounted exact rate cost_ns options machine release cpus; do
	grep -q "\"$key\":" "$work/out" || fail "no $key"
done

# Of three groups, one is read, and what is sent to it is known.
stress --duration 0.3 --group-count 3 --groups 2 || fail "one group"
[ "$(value unaccounted)" -eq 0 ] || fail "one group: not balanced"
[ "$(value sent)" -gt $((2 * $(value built))) ] || fail "one group: all read"

# Half of the time nobody reads, and what fits into the buffer is soon full, even
# by a sender that yields to a full socket on a busy machine. At this rate that
# is all that can be lost.
for transport in recvmmsg bpf; do
	stress --duration 1 --stall 200/400 --rcvbuf 16k --buffers 16 \
		--rate 5000 --transport $transport || fail "stall by $transport"
	balanced "stall by $transport"
	lost=$(($(value lost_socket) + $(value lost_ring)))
	[ "$lost" -gt 0 ] || fail "stall by $transport: nothing lost"
done

# A machine that is busy otherwise may keep up with no rate: then it says so.
if stress --max --duration 0.1; then
	grep -q '"max":{"packets_per_s":[1-9]' "$work/out" || fail "no rate"
else
	grep -q 'no rate was kept up with: [a-z]' "$work/err" || fail "max"
fi
balanced max

for run in 1 2; do
	stress --chaos --seed 5 --duration 5 -v || fail "chaos"
	balanced "chaos $run"
	grep '^+ round' "$work/err" >"$work/schedule.$run"
	[ "$(wc -l <"$work/schedule.$run")" -eq "$(value rounds)" ] ||
		fail "chaos: another number of rounds"
done
cmp "$work/schedule.1" "$work/schedule.2" || fail "one seed, two schedules"
[ "$(value seed)" -eq 5 ] || fail "no seed"
stress --chaos --seed 6 --duration 1 -v || fail "chaos"
! grep '^+ round' "$work/err" | cmp -s "$work/schedule.1" - ||
	fail "two seeds, one schedule"

# Ctrl-C ends it, and the balance is told; with a duration that is a failure.
for status in 0 1; do
	option=
	[ $status -eq 0 ] || option="--duration 60"
	: >"$work/err"
	# shellcheck disable=SC2086 # no option, or two words
	"$psring" stress --source synthetic --json $option \
		>"$work/out" 2>"$work/err" &
	stress=$!
	until grep -q packets/s "$work/err"; do sleep 0.05; done
	kill -INT $stress
	got=0
	wait $stress || got=$?
	[ $got -eq $status ] || fail "ended by a signal: status $got"
	balanced "ended by a signal"
done

# A kernel that multicasts one message less than it says: sendmmsg is told to.
cat >"$work/short.c" <<'C'
#include <dlfcn.h>
#include <sys/socket.h>

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	int (*real)(int, struct mmsghdr *, unsigned int, int) =
		(int (*)(int, struct mmsghdr *, unsigned int, int))dlsym(
			RTLD_NEXT, "sendmmsg");
	static int calls;
	int less = ++calls % 100 == 0 && count > 1;

	return real(fd, messages, count - less, flags) + less;
}
C
gcc -D_GNU_SOURCE -shared -fPIC -o "$work/short.so" "$work/short.c"
got=0
LD_PRELOAD=$work/short.so stress --duration 0.5 || got=$?
[ $got -eq 1 ] || fail "not balanced: status $got"
[ "$(value unaccounted)" -gt 0 ] || fail "not balanced: all accounted for"
[ "$(value balanced)" = false ] || fail "not balanced: it says so"
grep -q 'do not balance' "$work/err" || fail "not balanced: not told"
echo "unaccounted $(value unaccounted): told, status 1"
