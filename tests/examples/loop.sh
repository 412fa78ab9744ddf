#!/bin/bash
# SPDX-License-Identifier: MIT
#
# loop.sh PSRING EXAMPLE - an example of an event loop prints each sample that
# is sent to it, in bursts with silence between them, and ends when it is told.
# shellcheck source=tests/examples/example.sh
. "$(dirname "$0")/example.sh"

# shellcheck disable=SC2119 # a loop takes no argument but the group
listen
for _ in 1 2 3 4 5; do
	send --count 2000 --rate 20000 --size 100
done
kill -INT "$listener"
heard
cat "$work/err"
grep -qx '10000 delivered, 0 lost' "$work/err"
[ "$(grep -cx 'group 1: 100 bytes' "$work/out")" -eq 10000 ]
