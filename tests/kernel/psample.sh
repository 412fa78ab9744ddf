#!/bin/sh
# SPDX-License-Identifier: MIT
#
# psample.sh [CASE...] - what psring delivers of a real psample kernel's samples
#
# Runs in a guest (guest.sh), in a directory that holds psring, frames and cases/.
# Each case samples known traffic with tc and compares what was sent with what
# came out, byte for byte. Prints a line a case; fails if one does, or none ran.
#
# A case is a function case_NAME() of a file in cases/. Those of a file run in the
# order in which they stand there, unless the file has returned before them.
set -u

# First what the cases stand on; last the end of the module.
topics="testbed listener comparison openvswitch wireshark samples groups engine
	examples senders load reload doctor drop_in refusals"

# No file in vain.
# shellcheck disable=SC2086 # the list is meant to be split
printf 'cases/%s.sh\n' $topics | sort >listed
printf '%s\n' cases/* | sort | diff listed - || exit 1

places=
for topic in $topics; do
	# shellcheck source=/dev/null
	. "./cases/$topic.sh"
	places="$places $(grep -n '^case_.*()$' "cases/$topic.sh" |
		sed "s|^\(.*\):case_\(.*\)()|\2:cases/$topic.sh:\1|")"
done

failed=0
ran=0
for place in $places; do
	case=${place%%:*}
	[ $# -eq 0 ] || case " $* " in *" $case "*) ;; *) continue ;; esac
	command -v "case_$case" >/dev/null || continue
	ran=$((ran + 1))
	net_up
	# The last commands tell which check failed, and of what.
	if (set -x && "case_$case") 2>trace; then
		echo "ok $case"
	else
		echo "FAILED $case, ${place#*:}"
		tail -n 3 trace | cut -c 1-300 | sed 's/^/  /'
		head -n 5 err 2>/dev/null | cut -c 1-300 | sed 's/^/  err: /'
		head -n 2 out 2>/dev/null | cut -c 1-300 | sed 's/^/  out: /'
		failed=$((failed + 1))
	fi
	net_down
done
echo "$ran cases, $failed failed"
[ $ran -gt 0 ] && [ $failed -eq 0 ]
