#!/bin/bash
# SPDX-License-Identifier: MIT
#
# WITHOUT_URING=FILE schema.sh PSRING - each line of JSON is what its schema says:
# all samples that real kernels gave, made ones with what those lack, and of each
# subcommand what it prints, in the states that give it another key. FILE runs a
# command that may not use io_uring. What takes psample is in
# tests/kernel/schema.sh.
set -eu
psring=$1
export group=14
here=psring-$$-here near=psring-$$-near
cd "$(dirname "$(readlink -f "$0")")"
work=$(mktemp -d)
trap 'for netns in $here $near; do ip netns delete $netns; done
	rm -rf "$work"' EXIT
for netns in $here $near; do
	ip netns add "$netns"
done
ip -n $here netns set $near 4711

# listen OPTION... : starts psring dump, and returns when it hears samples; each
# into files of its own, for lines of two that run at once may mix
listen()
{
	part=$((part + 1))
	"$psring" dump --json --source usersock:$group "$@" \
		>"$work/sample$part" 2>"$work/ledger$part" &
	dump=$!
	until grep -q ^listening "$work/ledger$part"; do
		kill -0 $dump || exit 1
		sleep 0.05
	done
}

send()
{
	"$psring" send --to usersock:$group --count 1 "$@" >"$work/sent"
}

# 204 samples of the corpus, and 3 made ones; and of group 9, whose rate is the
# highest there is, one in 2.
part=0
listen --thin 2 --groups 9 -c 1 --duration 60
thin=$dump
listen -c 207 --duration 60
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

def sample(rest, group=7, rate=7):
    numbers = b"".join(attribute(kind, struct.pack("<I", value)) for kind, value in (
        (2, 7), (3, group), (4, 7), (5, rate)))
    body = struct.pack("<BBH", 0, 1, 0) + numbers + rest
    send(struct.pack("<IHHII", 16 + len(body), 32, 0, 0, 9) + body)

keys = b"".join(attribute(kind, bytes(size)) for kind, size in (
    (0, 8), (3, 1), (4, 1), (5, 0), (6, 0), (7, 0), (8, 4), (9, 2), (10, 2),
    (11, 4), (12, 16), (13, 16), (15, 4), (16, 0)))
sample(attribute(1, b"\1\0") + attribute(11, bytes(8)) + attribute(10, bytes(2)) +
       attribute(12, bytes(8)) + attribute(8, keys) + attribute(15, b"cookie"))
sample(attribute(16, b""), group=8)
sample(attribute(8, b"\xff\xff\xff\xff"))
for _ in range(64):
    sample(b"", group=9, rate=0xffffffff)
END
wait $dump
wait $thin

listen --netns $here --all-netns -c 1 --duration 60
send --netns $near
wait $dump
# Ended by a signal, with a message that was cut.
listen --buffer-bytes 256
send --size 1400
until grep -q '"truncated":true' "$work/sample$part"; do sleep 0.05; done
kill -INT $dump
wait $dump

for options in "" "--queues 4 --group-count 3" "--thin 3 --transport recvmmsg" \
	"--transport bpf --filter udp"; do
	# shellcheck disable=SC2086 # the options are meant to be split
	"$psring" dump --source synthetic --json -c 100 $options \
		>>"$work/sample" 2>>"$work/ledger"
	# shellcheck disable=SC2086
	"$psring" stat --source synthetic --json -c 100 --once \
		${options%--filter*} 2>/dev/null >>"$work/ledger"
done
"$WITHOUT_URING" "$psring" stat --source synthetic --json -c 100 --once \
	2>/dev/null >>"$work/ledger"

# Lines of stat, in which something is lost, or nothing comes; the last line is a
# ledger.
"$psring" stat --source synthetic --json --duration 1.2 --rcvbuf 4k --size 1400 \
	--max-loss 0 2>/dev/null >"$work/stat" || [ $? -eq 3 ]
"$psring" stat --source usersock:$group --json --duration 1.2 2>/dev/null \
	>>"$work/stat"
grep '"queues":' "$work/stat" >>"$work/ledger"
sed -i '/"queues":/d' "$work/stat"

"$psring" dump --source synthetic -c 10 -w "$work/capture" 2>/dev/null
"$psring" dump --json -r "$work/capture" >>"$work/sample" 2>"$work/read"

# Whether this machine has psample or not, and is well or not.
"$psring" doctor --json --duration 0.1 >"$work/doctor" || true
"$WITHOUT_URING" "$psring" doctor --json --source synthetic >>"$work/doctor"
setpriv --reuid 65534 --clear-groups --bounding-set -all \
	"$psring" doctor --json --source synthetic >>"$work/doctor" && exit 1

stress()
{
	"$psring" stress --source synthetic --json "$@" \
		>>"$work/stress" 2>"$work/err"
}

stress --duration 0.2
stress --duration 0.4 --stall 100/200 --rcvbuf 16k --transport bpf
stress --chaos --duration 1
# A machine that is busy otherwise may keep up with no rate.
not_found=()
stress --max --duration 0.05 ||
	not_found=(max.packets_per_s max.samples_per_s max.above)
# Ended by a signal: no rate was found.
: >"$work/err"
"$psring" stress --source synthetic --json --max >>"$work/stress" 2>"$work/err" &
stress=$!
until grep -q packets/s "$work/err"; do sleep 0.05; done
kill -INT $stress
wait $stress && exit 1

validate()
{
	cat "$work/$1"* >"$work/all"
	python3 ../validate.py "$1" "$work/all" "${@:2}"
}

validate sample
validate ledger
validate stat
validate read
validate doctor
# Only of psample can chance take samples.
validate stress rate.configured rate.observed rate.low rate.high \
	"${not_found[@]}"
grep -q '"holds_ms":null' "$work/stat"
grep -q '"max":null' "$work/stress"
grep -q '"tunnel":{"id":0,.*"cookie":"636f6f6b6965"' "$work"/sample*
