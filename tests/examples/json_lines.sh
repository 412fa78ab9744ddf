#!/bin/bash
# SPDX-License-Identifier: MIT
#
# json_lines.sh PSRING EXAMPLE - each sample is one object, as psring dump has it
# shellcheck source=tests/examples/example.sh
. "$(dirname "$0")/example.sh"

listen 3000
send --count 3000 --rate 30000 --size 60 --group-count 3 --interfaces 2
heard
python3 - "$work/out" <<'PYTHON'
import collections, json, sys
samples = [json.loads(line) for line in open(sys.argv[1])]
assert len(samples) == 3000, len(samples)
for group in 1, 2, 3:
    seqs = [s["group_seq"] for s in samples if s["group"] == group]
    assert seqs == list(range(1000)), group
assert {s["iif"] for s in samples} == {1, 2}
assert all(s["orig_size"] == 60 and len(s["data"]) == 120 for s in samples)
assert len({s["data"] for s in samples}) > 1
PYTHON
