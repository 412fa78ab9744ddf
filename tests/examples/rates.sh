#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rates.sh PSRING EXAMPLE - what the samples stand for is what was sent, by
# group, and also where half of them are lost. The synthetic source says of each
# that it is one packet of 100.
# shellcheck source=tests/examples/example.sh
. "$(dirname "$0")/example.sh"

listen 5
send --count 20000 --rate 20000 --size 100 --group-count 2
heard
cat "$work/out"
grep -Eqx ' +1 +10000 +200000 +20000000 +2\.0 %' "$work/out"
grep -Eqx ' +2 +10000 +200000 +20000000 +2\.0 %' "$work/out"
grep -qx 'lost: 0 of 20000 samples' "$work/out"

# More than its receive buffer holds, while it stands still.
listen 1
kill -STOP "$listener"
send --count 200000 --size 100
kill -CONT "$listener"
heard
cat "$work/out"
grep -Eqx ' +1 +[0-9]+ +20000000 +2000000000 .*' "$work/out"
grep -Eqx 'lost: [1-9][0-9]{4,} of 200000 samples' "$work/out"
