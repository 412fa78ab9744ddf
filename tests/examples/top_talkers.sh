#!/bin/bash
# SPDX-License-Identifier: MIT
#
# top_talkers.sh PSRING EXAMPLE - three threads together find who sent how much.
# The synthetic source has flows of 192.0.2.1 and .2, the one as much as the
# other, and says of each sample that it is one packet of 100.
# shellcheck source=tests/examples/example.sh
. "$(dirname "$0")/example.sh"

listen 5 3
send --count 20000 --rate 20000 --size 100
heard
cat "$work/out"
for address in 192.0.2.1 192.0.2.2; do
	grep -qx "interface 1: ::ffff:$address, about 100000000 bytes (10000 samples)" \
		"$work/out"
done
[ "$(wc -l <"$work/out")" -eq 2 ]
