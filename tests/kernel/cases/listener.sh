# SPDX-License-Identifier: MIT
#
# listener.sh - psring, or another program that hears samples, in the background
#
# shellcheck shell=sh

# start COMMAND... : in the background; returns when it hears samples
start()
{
	# Or the last one's word would be taken for this one's.
	rm -f err
	"$@" >out 2>err &
	listener=$!
	for _ in $(seq 200); do
		grep -qs '^listening' err && return 0
		is_listening || return 1
		sleep 0.05
	done
	return 1
}

is_listening()
{
	kill -0 "$listener" 2>/dev/null
}

# listen OPTION... : starts psring dump
listen()
{
	start ./psring dump --format json "$@"
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

# heard [PID]: waits until the listener has ended by itself, as it does at --count
heard()
{
	listener=${1:-$listener}
	for _ in $(seq 600); do
		is_listening || break
		sleep 0.05
	done
	kill -INT "$listener" 2>/dev/null && echo "  psring had to be ended"
	wait "$listener"
}

# Waits for the listener's end, with its status.
ended()
{
	wait "$listener"
}

# Ends the listener and waits for its ledger.
stop()
{
	kill -INT "$listener"
	ended
}

# As stop, when the last packets that were sent have been sampled.
end_listening()
{
	sleep 0.3
	stop
}

# The program in the README prints a line a sample, for ever. It does not say
# from when on it hears them: it is sent more until it does.
# printed LINE: once packets are sampled; one at a time, so that no buffer fills
printed()
{
	for _ in $(seq 200); do
		./frames v1 ipv4 --quiet --count 1
		grep -qx "$1" out && return 0
		sleep 0.05
	done
	return 1
}
