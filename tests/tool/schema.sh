#!/bin/bash
# SPDX-License-Identifier: MIT
#
# schema.sh PSRING - each line of JSON is what its schema says: all samples that
# real kernels gave, made ones with what those lack, and ledgers.
set -eu
psring=$1
export group=14
cd "$(dirname "$(readlink -f "$0")")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every key that is written stands in the schema, and no other.
grep -o '\\"[a-z0-9_]*\\":' ../../tools/sample_json.c | tr -d '\\":' |
	sort -u >"$work/written"
python3 - >"$work/described" <<'END'
import json
properties = json.load(open("../../tools/sample.schema.json"))["properties"]
print("\n".join(sorted({*properties, *properties["tunnel"]["properties"]})))
END
LC_ALL=C sort "$work/described" | diff <(LC_ALL=C sort "$work/written") -

# 204 samples of the corpus, and 3 made ones.
"$psring" dump --source usersock:$group --json -c 207 --duration 60 \
	>"$work/out" 2>"$work/err" &
dump=$!
until grep -q ^listening "$work/err"; do
	kill -0 $dump || exit 1
	sleep 0.05
done
python3 - <<'END'
import glob, os, socket, struct

netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_USERSOCK)
address = (0, 1 << int(os.environ["group"]) - 1)

def send(message):
    try:
        netlink.sendto(message, address)
    except ConnectionRefusedError:
        pass  # so it says when nobody listens to us alone

for name in sorted(glob.glob("../corpus/*/*.bin")):
    if "config" in name or "nlctrl" in name:
        continue
    records = open(name, "rb").read()
    while records:
        length, = struct.unpack_from("<I", records)
        send(records[4:4 + length])
        records = records[4 + length:]

def attribute(kind, value):
    return struct.pack("<HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)

def sample(rest):
    numbers = b"".join(attribute(kind, struct.pack("<I", 7)) for kind in (2, 3, 4, 5))
    body = struct.pack("<BBH", 0, 1, 0) + numbers + rest
    send(struct.pack("<IHHII", 16 + len(body), 32, 0, 0, 9) + body)

keys = b"".join(attribute(kind, bytes(size)) for kind, size in (
    (0, 8), (3, 1), (4, 1), (5, 0), (6, 0), (7, 0), (8, 4), (9, 2), (10, 2),
    (11, 4), (12, 16), (13, 16), (15, 4), (16, 0)))
sample(attribute(11, bytes(8)) + attribute(10, bytes(2)) + attribute(12, bytes(8)) +
       attribute(8, keys) + attribute(15, b"cookie"))
sample(attribute(16, b""))
sample(attribute(8, b"\xff\xff\xff\xff"))
END
wait $dump
for options in "" "--queues 4 --group-count 3" "--thin 3 --transport recvmmsg" \
	"--transport bpf --filter udp"; do
	# shellcheck disable=SC2086 # the options are meant to be split
	"$psring" dump --source synthetic --json -c 100 $options \
		>>"$work/out" 2>>"$work/err"
	# shellcheck disable=SC2086
	"$psring" stat --source synthetic --json -c 100 --once \
		${options%--filter*} 2>/dev/null >>"$work/err"
done
python3 - "$work/out" "$work/err" <<'END'
import json, jsonschema, sys

for name, path in zip(("sample", "ledger"), sys.argv[1:]):
    schema = json.load(open(f"../../tools/{name}.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = [line for line in open(path) if line.startswith("{")]
    for line in lines:
        for error in validator.iter_errors(json.loads(line)):
            sys.exit(f"{name}: {error.message}: {line[:300]}")
    print(f"{len(lines)} lines of {name}.schema.json")
END
[ "$(grep -c '"tunnel":{"id":0,.*"cookie":"636f6f6b6965"' "$work/out")" -eq 1 ]
