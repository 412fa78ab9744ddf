#!/bin/bash
# SPDX-License-Identifier: MIT
#
# capture.sh PSRING - what dump -w writes is what was heard: tshark reads it
# field by field, and dump --read gives the same lines as a dump beside it.
set -eu
# In a network namespace of its own nobody else sends to its groups.
[ -n "${CAPTURE_ALONE-}" ] || CAPTURE_ALONE=1 exec unshare -n "$0" "$@"
psring=$1
samples=500
size=128
group=usersock:21
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# fail WHAT FILE...
fail()
{
	echo "$1:"
	shift
	head -n 5 "$@" | cut -c 1-300
	exit 1
}

# listen NAME OPTION... : starts a dump and returns when it hears; $! is it
listen()
{
	local err=$1.err
	shift
	: >"$err"
	"$psring" dump --source $group --json -n "$@" 2>"$err" &
	until grep -q ^listening "$err"; do sleep 0.05; done
}

# read_back FILE OPTION... : out and err, and the status
read_back()
{
	local file=$1
	shift
	"$psring" dump --read "$file" --json "$@" >out 2>err
}

# refuse WORD FILE OPTION... : WORD is in the one line that it says
refuse()
{
	local word=$1
	shift
	if read_back "$@" || [ "$(wc -l <err)" -ne 1 ] ||
		! grep -qF -- "$word" err; then
		fail "expected a refusal with \"$word\"" err
	fi
}

# shark FILE OPTION... : as it is run here, it warns of root
shark()
{
	tshark -r "$@" 2>/dev/null
}

# fields FILE: of each sample, as fields_of_json writes them
fields()
{
	shark "$1" -Y psample -T fields -e psample.sample_group \
		-e psample.group_seq_num -e psample.sample_rate \
		-e psample.origsize -e psample.iifindex -e psample.proto \
		-e frame.time_epoch -e eth.src -e ip.src -e udp.payload
}

fields_of_json()
{
	python3 -c '
import json, sys
for line in sys.stdin:
    s = json.loads(line)
    data = s["data"]
    time = s["timestamp_ns"]
    print(s["group"], s["group_seq"], s["rate"], "0x%08x" % s["orig_size"],
          "0x%04x" % s["iif"], "0x%04x" % s["proto"],
          "%d.%09d" % (time // 10**9, time % 10**9),
          ":".join(data[i:i + 2] for i in range(12, 24, 2)),
          ".".join(str(int(data[i:i + 2], 16)) for i in range(52, 60, 2)),
          data[84:], sep="\t")
'
}

# statistics FILE: packets lost, and packets delivered, of all interfaces
statistics()
{
	python3 -c '
import struct, sys
data, lost, delivered = open(sys.argv[1], "rb").read(), 0, 0
while data:
    kind, length = struct.unpack_from("<2I", data)
    if kind == 5: # interface, time, and two options
        lost += struct.unpack_from("<Q", data, 24)[0]
        delivered += struct.unpack_from("<Q", data, 36)[0]
    data = data[length:]
print(lost, delivered)
' "$1"
}

# hear OPTION... : live.json and netlink.pcap of the same samples
hear()
{
	listen live --count $samples "$@" >live.json
	local live=$!
	listen file --count $samples "$@" --write netlink.pcap
	local file=$!
	"$psring" send --to $group --count $samples --rate 20000 \
		--size $size --group-count 3 --interfaces 5 >/dev/null
	wait $live
	wait $file
}

# Cut by a buffer.
size=1400
hear --buffer-bytes 256
read_back netlink.pcap
cmp live.json out || fail "cut by a buffer" out
[ "$(grep -c '"truncated":true' out)" -eq $samples ]
[ "$(shark netlink.pcap -T fields -e frame.len | tail -n 1)" -gt 1400 ]
echo "cut"

size=128
for transport in bpf recvmmsg uring; do
	hear --transport $transport
	[ "$(wc -l <live.json)" -eq $samples ]
	read_back netlink.pcap || fail "$transport: not read" err
	cmp live.json out || fail "$transport: other samples" out
	fields_of_json <live.json >wanted
	fields netlink.pcap >got
	cmp wanted got || fail "$transport: tshark's fields" wanted got
done
echo "netlink: same by --read, same by tshark"

# A pipe; and the message that the file begins with.
"$psring" dump --source synthetic --count 10 -w - 2>err |
	tshark -r - -V >out 2>/dev/null
for text in 'Family ID: 0x20 (psample)' 'Sample group: 1$' \
	'Group sequence number: 9$' 'Sample rate: 100$' 'Internet Protocol'; do
	grep -q "$text" out || fail "the pipe: no \"$text\"" out
done
shark netlink.pcap -c 1 -V | grep -q 'Command: CTRL_CMD_NEWFAMILY' ||
	fail "no family first"
echo "piped into tshark"

# Of several consumers each writes records that are whole.
"$psring" dump --source synthetic --count 20000 --queues 4 -w queues.pcap 2>err
read_back queues.pcap
sed 's/.*"group_seq":\([0-9]*\),.*/\1/' out | sort -n >got
seq 0 19999 | cmp - got || fail "four consumers" out
"$psring" dump --read queues.pcap >out 2>err
grep -qx '20 000 samples, 0 malformed, [1-4] other messages' err ||
	fail "summary" err
echo "four consumers"

# The rate in the file counts in what was held back.
"$psring" dump --source synthetic --count 10000 --rate 500000 --thin 10 \
	-w thin.pcap 2>err
shark thin.pcap -Y psample -T fields -e psample.sample_rate | sort -u >got
[ "$(cat got)" = 1000 ] || fail "thinned" got
echo "thinned"

# Packet by packet, and by the page.
writes()
{
	strace -f -o trace -e trace=write -e write=none -P "$work/written" \
		"$psring" dump --read netlink.pcap -w written "$@" 2>/dev/null
	grep -c 'write(1,' trace
}
head -c 1M /dev/zero >written
[ "$(writes -U)" -eq $((samples + 1)) ] || fail "-U" trace
[ "$(writes)" -lt 10 ] || fail "without -U" trace
cmp netlink.pcap written || fail "written over what was there" err
echo "packet-buffered"

ln written netlink.link
refuse 'one file' written -w netlink.link
cmp netlink.pcap written || fail "a file was written over itself" err
echo "one file"

# Nothing of a file is looked at by root.
strace -f -o trace -e trace=setresuid,read \
	"$psring" dump --read netlink.pcap >/dev/null 2>err
grep -n -e 'setresuid' -e 'read.*M<\\262\\241' trace >got
if [ "$(grep -c . got)" -lt 2 ] ||
	! head -n 1 got | grep -q 'setresuid(65534'; then
	fail "read by root" got
fi
echo "read by nobody"

# A pipe that brings all at once costs no write a sample.
# shellcheck disable=SC2002 # a pipe it is to be
cat netlink.pcap | strace -f -o trace -e trace=write -P "$work/piped" \
	"$psring" dump --read - >piped 2>err
[ "$(wc -l <piped)" -eq 500 ] || fail "piped: lines" err
[ "$(grep -c ' write(' trace)" -lt 50 ] || fail "a write for each sample" trace

# What is read from a pipe ends at a signal, after all that came: here in the
# midst of a record, or before the first.
mkfifo slow
# interrupt STATUS BYTES OPTION... : when that much of netlink.pcap was shown
interrupt()
{
	local status=0 expected=$1 bytes=$2 reader
	shift 2
	"$psring" dump --read slow --json -U -w part.pcap "$@" 2>err &
	reader=$!
	exec 3>slow
	until grep -qsx signals /proc/$reader/task/*/comm; do sleep 0.05; done
	head -c "$bytes" netlink.pcap >&3
	# A record has less than 300 bytes.
	until [ "$(stat -c %s part.pcap)" -ge $((bytes - 300)) ]; do
		sleep 0.05
	done
	kill -INT $reader
	wait $reader || status=$?
	exec 3>&-
	[ $status -eq "$expected" ] || fail "interrupted: status $status" err
}
whole=$(stat -c %s netlink.pcap)
interrupt 0 $((whole - 1))
grep -qx '{"samples":499,"malformed":0,"other":1}' err || fail "no summary" err
[ "$(wc -l <err)" -eq 1 ] || fail "more than a summary" err
head -c "$(stat -c %s part.pcap)" netlink.pcap | cmp - part.pcap
interrupt 0 0
grep -qx '{"samples":0,"malformed":0,"other":0}' err || fail "no summary" err
interrupt 1 "$whole" --count 501
grep -q 'before --count' err || fail "a count cut short" err
grep -qx '{"samples":500,"malformed":0,"other":1}' err || fail "no summary" err
echo "interrupted"

# Ethernet: an interface block for each, before its packets.
"$psring" dump --read netlink.pcap --link ethernet -w packets.pcapng 2>err
shark packets.pcapng -T fields -e frame.interface_name -e frame.time_epoch \
	-e frame.len -e frame.cap_len -e frame.packet_flags_direction \
	-e frame.comment >got
python3 -c '
import json
for line in open("live.json"):
    s = json.loads(line)
    time = s["timestamp_ns"]
    print("ifindex %d" % s["iif"], "%d.%09d" % (time // 10**9, time % 10**9),
          s["orig_size"], s["data_len"], "0x00000001",
          "group %(group)d seq %(group_seq)d rate %(rate)d iif %(iif)d" % s,
          sep="\t")
' >wanted
cmp wanted got || fail "ethernet" wanted got
capinfos packets.pcapng >got 2>/dev/null
grep -q '^Number of interfaces in file: 5$' got || fail "interfaces" got
[ "$(grep -c 'Number of stat entries = 1$' got)" -eq 5 ] ||
	fail "statistics" got
[ "$(statistics packets.pcapng)" = "0 $samples" ] || fail "statistics" got
refuse 'for export only' packets.pcapng
echo "ethernet"

# A message longer than a record can be is cut, and the cut is told.
listen long --buffer-bytes 1M --count 1 >long.json
long=$!
listen file --buffer-bytes 1M --count 1 -w long.pcap
file=$!
python3 - <<'EOT'
import socket, struct
def attribute(kind, value):
    return struct.pack("<2H", 4 + len(value), kind) + value
body = struct.pack("<2BH", 0, 1, 0) + b"".join(
    attribute(kind, struct.pack("<I", kind)) for kind in (2, 3, 4, 5))
body += attribute(100, bytes(60000)) * 5
sender = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)
sender.setsockopt(socket.SOL_SOCKET, 32, 1 << 20) # SO_SNDBUFFORCE
sender.bind((0, 0))
try:
    sender.sendto(struct.pack("<I2H2I", 16 + len(body), 32, 0, 0, 0) + body,
                  (0, 1 << 20))
except ConnectionRefusedError: # by port 0, the kernel, which nobody asked for
    pass
EOT
wait $long
wait $file
read_back long.pcap || fail "long" err
sed 's/,"queue"/,"truncated":true&/' long.json | cmp - out || fail "long" out
[ "$(shark long.pcap -T fields -e frame.cap_len | tail -n 1)" = 262144 ]
echo "longer than a record"

# What was lost stands at the packet that came next: the pipe is stuck until
# somebody opens the gate.
mkfifo gate pipe
{
	read -r <gate
	cat >lost.pcapng
} <pipe &
reader=$!
listen lost --link ethernet -w - --rcvbuf 4k --transport recvmmsg >pipe
listener=$!
"$psring" send --to $group --count 20000 >/dev/null
echo >gate
# Column 5 is what waits in the one socket of the group.
while awk '$2 == 2 && $4 == "00100000" && $5 > 0 { waits = 1 }
	END { exit !waits }' /proc/net/netlink; do
	sleep 0.05
done
"$psring" send --to $group --count 1 >/dev/null
kill -INT $listener
wait $listener || fail "a lossy run" lost.err
wait $reader
lost=$(grep -o '"lost_socket":[0-9]*' lost.err | head -n 1 | cut -d : -f 2)
[ "$lost" -gt 0 ] || fail "nothing was lost" lost.err
told=$(shark lost.pcapng -T fields -e frame.drop_count |
	awk '{ sum += $1 } END { print sum + 0 }')
[ "$told" -eq "$lost" ] || fail "lost $lost, told $told" lost.err
statistics lost.pcapng | grep -q "^$lost " || fail "lost in all" lost.err

# And at the end, where no packet came next.
listen after --link ethernet -w after.pcapng -U --rcvbuf 4k --filter 'less 200' \
	--transport recvmmsg
listener=$!
"$psring" send --to $group --count 1 >/dev/null
until [ "$(stat -c %s after.pcapng)" -gt 128 ]; do sleep 0.05; done
kill -STOP $listener
"$psring" send --to $group --count 20000 --size 300 >/dev/null
kill -CONT $listener
kill -INT $listener
wait $listener || fail "a lossy run" after.err
lost=$(grep -o '"lost_socket":[0-9]*' after.err | head -n 1 | cut -d : -f 2)
[ "$lost" -gt 0 ] || fail "nothing was lost" after.err
[ "$(statistics after.pcapng)" = "$lost 1" ] || fail "lost after it" after.err
echo "loss is told"

# What was lost is asked by a system call: once for what a queue has, however few
# of its samples are wanted, and here that is every second one.
strace -f -o trace -e trace=getsockopt "$psring" dump --source synthetic \
	--count 20000 --filter 'src port 7' --link ethernet -w asked.pcapng 2>err
[ "$(statistics asked.pcapng)" = "0 10000" ] || fail "asked" err
[ "$(grep -c getsockopt trace)" -lt 5000 ] || fail "asked for each sample" trace
echo "loss is asked for"

# What cannot be written is told in one line, and the rest as ever.
status=0
(ulimit -f 64 && exec "$psring" dump --source synthetic --count 100000 \
	-w full.pcap 2>err) || status=$?
[ $status -eq 1 ] || fail "written beyond the limit: status $status" err
[ "$(grep -c 'File too large' err)" -eq 1 ] || fail "a full disk" err
grep -q 'samples captured$' err || fail "a full disk: no summary" err
grep -q '^  received = .*: balanced$' err || fail "a full disk: no ledger" err
echo precious >kept
"$psring" dump --source synthetic --shard flow -w kept 2>/dev/null &&
	fail "shard flow without bpf"
[ "$(cat kept)" = precious ] || fail "a run that failed emptied its file" kept
"$psring" dump --source synthetic --shard flow -w new 2>/dev/null || true
[ ! -e new ] || fail "a run that failed left a file" new
echo "full"

# Files that others wrote, and files that nobody wrote.
python3 - <<'EOT'
import struct
data = open("netlink.pcap", "rb").read()
header, rest = data[:24], data[24:]
records = []
while rest:
    length = struct.unpack_from("<I", rest, 8)[0]
    records.append((rest[:16], rest[16:16 + length]))
    rest = rest[16 + length:]
family, samples = records[0], records[1:]
def write(name, records, header=header):
    with open(name, "wb") as f:
        f.write(header)
        for head, body in records:
            f.write(struct.pack("<8s2I", head[:8], len(body), len(body)) + body)
def renumber(body, number):
    return body[:20] + struct.pack("<H", number) + body[22:]
write("nameless", samples)
# libpsample's tool: as long as its buffer, times in microseconds.
write("stale", [(struct.pack("<2I", 1, 2) + head[8:], (body + b"\xa5" * 4096)[:4096])
                for head, body in records],
      struct.pack("<I", 0xa1b2c3d4) + header[4:])
# As of a module that was loaded again.
again = family[1].replace(struct.pack("<2HH", 6, 1, 32),
                          struct.pack("<2HH", 6, 1, 40))
assert again != family[1]
half = len(samples) // 2
write("reloaded", [family] + samples[:half] + [(samples[half][0], again)] +
      [(head, renumber(body, 40)) for head, body in samples[half:]])
# A list of all families, as a reply has it; another family's is psample's not.
cooked, message = family[1][:16], family[1][16:]
other = message.replace(b"psample\0", b"netdev\0\0")
write("listed", [(family[0], cooked + other + message)] + samples)
write("otherwise", [(family[0], cooked + other)] + samples)
write("usersock", [family] + [(head, body[:14] + b"\0\2" + body[16:])
                              for head, body in samples])
# A sample of the former number may come after the message of the new one.
write("late", [family, (family[0], again)] + samples)
# Without a timestamp of its own; from its IP header on.
def timeless(body):
    return body.replace(struct.pack("<2H", 12, 13), struct.pack("<2H", 12, 9))
def raw(body):
    packet = body[114:]
    return (body[:16] + struct.pack("<I", 84 + len(packet) + 2) + body[20:96] +
            struct.pack("<2H", 4 + len(packet), 6) + packet + b"\0\0")
write("timeless", [family, (struct.pack("<2I", 1, 2), timeless(samples[0][1]))])
write("raw", [family, (samples[0][0], raw(samples[0][1]))])
# Of one interface, and of none: what an interface got is of both kinds. 8.0.2.1
# has the bytes of an EtherType where Ethernet has it.
def nowhere(body):
    return body[:36] + struct.pack("<2H", 6, 100) + body[40:]
both = samples[0][1], raw(samples[0][1]).replace(bytes([192, 0, 2, 1]),
                                                 bytes([8, 0, 2, 1]))
assert both[1] != raw(samples[0][1])
for name, bodies in ("mixed", both), ("mixed_raw_first", both[::-1]):
    write(name, [family] + [(samples[0][0], of(body)) for body in bodies
                            for of in (lambda body: body, nowhere)])
open("cut", "wb").write(data[:-1])
open("swapped", "wb").write(struct.pack(">I2H4I", 0xa1b23c4d, 2, 4, 0, 0,
                                        262144, 253))
open("garbage", "wb").write(b"GARBAGE" * 100)
open("empty", "wb").write(header)
EOT
for file in stale listed reloaded late; do
	read_back $file || fail "$file" err
	cmp live.json out || fail "$file: other samples" out
done
read_back cut && fail "cut: status 0" err
head -n $((samples - 1)) live.json | cmp - out || fail "cut" out
grep -q 'truncated dump file' err || fail "cut" err
for file in usersock empty; do
	read_back $file || fail "$file" err
	[ ! -s out ] || fail "$file: samples" out
done
"$psring" dump --read reloaded -w again.pcap 2>/dev/null
cmp reloaded again.pcap || fail "a second number is not told"
for file in timeless raw; do
	"$psring" dump --read $file --link ethernet -w $file.pcapng 2>/dev/null
done
shark timeless.pcapng -T fields -e frame.time_epoch >got
[ "$(cat got)" = 1.000000002 ] || fail "timeless" got
capinfos raw.pcapng >got 2>/dev/null
grep -q 'Encapsulation = Raw IP' got || fail "raw" got
shark raw.pcapng | grep -q 192.0.2.1 || fail "raw: no addresses" got
for file in mixed mixed_raw_first; do
	"$psring" dump --read $file --link ethernet -w $file.pcapng 2>/dev/null
	shark $file.pcapng -T fields -e frame.protocols -e frame.interface_name \
		-e ip.src | sort >got
	diff - got <<-EOT || fail "$file"
		eth:ethertype:ip:udp:echo	ifindex 0	192.0.2.1
		eth:ethertype:ip:udp:echo	ifindex 1	192.0.2.1
		raw:ip:udp:echo	ifindex 0	8.0.2.1
		raw:ip:udp:echo	ifindex 1	8.0.2.1
	EOT
done
refuse 'byte order' swapped
refuse 'unknown file format' garbage
for file in nameless otherwise; do
	read_back $file && fail "$file: status 0" err
	grep -q -- '--family-id' err || fail "$file" err
done
read_back nameless --family-id 32 --count 3 || fail "by --family-id" err
head -n 3 live.json | cmp - out || fail "by --family-id" out
echo "files of others"
