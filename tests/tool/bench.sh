#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh PSRING-BENCH - each scenario briefly: the sums, the schema, the page,
# and what is refused. No figure is judged.
set -eu
bench=$1
schema=$(dirname "$0")/../../bench/results.schema.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$(dirname "$(readlink -f "$0")")"

fail()
{
	echo "bench.sh: $*"
	exit 1
}

# refused STATUS WORDS ARGUMENT...: one line on standard error that has WORDS
refused()
{
	local wanted=$1 words=$2 status=0

	shift 2
	"$bench" "$@" >"$work/out" 2>"$work/err" || status=$?
	if [ "$status" -ne "$wanted" ] || [ "$(wc -l <"$work/err")" -ne 1 ] ||
		! grep -q -- "$words" "$work/err"; then
		cat "$work/err"
		fail "$* ended with $status"
	fi
}

"$bench" --quick --rounds 1 --duration 0.05 --json "$work/b.json" \
	--report "$work/page" >"$work/out" 2>"$work/err" || {
	cat "$work/err"
	fail "the run failed"
}
python3 - "$schema" "$work/b.json" <<'END'
import json, jsonschema, sys
schema, run = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.validate(run, schema)
rows = run["results"]
assert run["quick"]
for row in rows:
    what = row["scenario"], row["reader"], row["params"]
    if "sent" in row:
        assert row["sent"] == row["received"] + row["lost"], what
        assert row["sent"] > 0, what
missing = {"flood", "rate", "latency", "shards", "sizes", "max", "decode",
           "drain", "ring", "kernel"} - {row["scenario"] for row in rows}
missing -= {skipped["name"] for skipped in run["skipped"]}
assert not missing, missing
readers = {"recv", "peek_recv", "mnl", "bare", "recvmmsg", "uring", "bpf"}
for scenario in "flood", "rate", "sizes", "max":
    here = {row["reader"] for row in rows if row["scenario"] == scenario}
    assert here == readers, (scenario, here)
timed = {row["reader"] for row in rows if "latency_ns" in row}
assert timed == readers - {"bare"}, timed
print(len(rows), "rows add up")
END

# Every picture of the page is there, and one was drawn.
grep -o 'src="[^"]*"' "$work/page/index.html" | cut -d'"' -f2 |
	sort -u >"$work/pictures"
[ -s "$work/pictures" ] || fail "a page without pictures"
while read -r picture; do
	grep -q '</svg>' "$work/page/$picture" || fail "no picture $picture"
done <"$work/pictures"

# A file tells what the run told.
"$bench" show "$work/b.json" >"$work/shown"
diff "$work/out" "$work/shown" || fail "show tells something else"

refused 2 "no scenario 'fluid': flood, rate" fluid
refused 2 "no reader 'rcv': recv, peek_recv" --readers rcv
refused 2 '--rounds 0: a number from 1 to 51' --rounds 0
refused 2 '--duration 1e9: seconds' --duration 1e9
refused 2 '--duration 0.04: seconds' --duration 0.04
refused 2 'named twice' ring ring
refused 1 'nothing to measure' --readers bare latency
refused 1 'cannot be written' --json "$work" ring
refused 2 'compare BEFORE AFTER' compare "$work/b.json"
refused 1 'No such file' show "$work/none.json"
refused 1 'cannot be written' --json "$work/none/b.json" ring
echo '{"schema":2}' >"$work/new.json"
refused 1 'schema 2' show "$work/new.json"
refused 2 'not for comparison' compare "$work/b.json" "$work/b.json"
sed 's/"quick": true/"quick": false/' "$work/b.json" >"$work/a.json"
"$bench" compare "$work/a.json" "$work/a.json" >"$work/out" ||
	fail "a file differs from itself"
grep -q ' 0 regressed, 0 improved' "$work/out"
sed 's/"scenario": "max"/"scenario": "least"/' "$work/b.json" >"$work/a.json"
refused 1 'has no max' show "$work/a.json" max

# Without privileges, and on one CPU.
status=0
setpriv --reuid 65534 --clear-groups "$bench" ring >"$work/out" \
	2>"$work/err" || status=$?
[ $status -eq 1 ] || fail "nobody got $status"
grep -q 'needs root' "$work/err" || fail "nobody is not told why"
taskset -c 0 "$bench" --rounds 1 --duration 0.05 --readers recv,uring \
	--json "$work/one.json" flood 2>"$work/err" >"$work/out"
grep -q 'one CPU' "$work/err" || fail "one CPU is not told"
grep -q '"valid": true' "$work/one.json" && fail "valid on one CPU"
grep -q '"valid": false' "$work/one.json"
