#!/bin/bash
# SPDX-License-Identifier: MIT
#
# metrics.sh PSRING - pages of metrics, as Prometheus wants them, and a server of
# them that outlasts bad requests and clients that are silent.
set -eu
psring=$1
work=$(mktemp -d)
netns=psring-$$
stat=
cleanup()
{
	[ -z "$stat" ] || kill "$stat" 2>/dev/null || :
	ip netns delete $netns 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT

fail()
{
	echo "$*"
	cat "$work"/*
	exit 1
}

# value METRIC FILE: the sum of all its lines
value()
{
	awk -v name="$1" '$0 ~ "^" name "[{ ]" { sum += $NF }
		END { printf "%.0f\n", sum }' "$work/$2"
}

# estimated GROUP FILE: its packets
estimated()
{
	awk -v line="psring_group_estimated_packets_total{group=\"$1\"}" \
		'$1 == line { printf "%.0f\n", $2 }' "$work/$2"
}

# serve ADDRESS OPTION... : sets url; stderr has a line that says where
serve()
{
	: >"$work/err"
	"$psring" stat --source synthetic --once --listen "$@" \
		>"$work/out" 2>"$work/err" &
	stat=$!
	until url=$(grep -o 'http://.*/metrics$' "$work/err"); do
		kill -0 $stat || fail "not served"
		sleep 0.05
	done
	until curl -sf "$url" >"$work/page"; do sleep 0.1; done
}

end()
{
	kill -INT $stat
	wait $stat || fail "psring stat failed"
	stat=
}

# status OPTION... : the one of curl's answer; 000: none
status()
{
	curl -s -o "$work/answer" -w '%{http_code}' "$@" || :
}

# One page at the end, when threads have ended.
"$psring" stat --source synthetic --format prometheus --count 50000 \
	--queues 2 --group-count 5 --interfaces 7 >"$work/once" 2>"$work/err"
promtool check metrics <"$work/once" >"$work/promtool" 2>&1 ||
	fail "promtool does not like it"
[ ! -s "$work/promtool" ] || fail "promtool wants it otherwise"
for metric in received_samples_total delivered_samples_total \
	group_samples_total interface_samples_total \
	sample_latency_seconds_count; do
	[ "$(value psring_$metric once)" -eq 50000 ] || fail "$metric"
done
[ "$(value psring_group_estimated_bytes_total once)" -eq 640000000 ] ||
	fail "50000 samples of 128 bytes, 1 in 100"
[ "$(value psring_group_estimate_variance_total once)" -eq 8110080000000 ] ||
	fail "50000 times 100 * 99 * 128 * 128"
grep -q '^psring_interface_samples_total{input="#7",iif="7",output="",oif=""} ' \
	"$work/once" || fail "interface 7"
! grep -q thread "$work/once" || fail "threads that are no more"
echo "a page at the end"

# Served: on loopback where nothing else is said, and never going back. The name
# of the program is a label: it is escaped.
ln -s "$(readlink -f "$psring")" "$work/a\"b\\c"
psring=$work/a\"b\\c
serve :0 --rate 20000
[[ $url == http://127.0.0.1:* ]] || fail "$url is not loopback"
promtool check metrics <"$work/page" || fail "promtool does not like it"
grep -q 'thread="a\\"b\\\\c"' "$work/page" || fail "not escaped"
grep -q 'thread="consumer 0"' "$work/page" || fail "no consumer"
before=$(value psring_received_samples_total page)
until curl -s "$url" >"$work/page" &&
	[ "$(value psring_received_samples_total page)" -gt "$before" ]; do
	sleep 0.1
done

# Bad clients.
[ "$(status "${url%metrics}")" = 200 ] || fail "/"
[ "$(status "${url}x")" = 404 ] || fail "no such page"
[ "$(status -X POST -d @"$work/once" "$url")" = 405 ] || fail "POST"
[ "$(status -X DELETE "$url")" = 405 ] || fail "DELETE"
[ "$(status "$url?$(head -c 20000 /dev/zero | tr '\0' x)")" != 200 ] ||
	fail "a long request"
[ "$(status -H "x: $(head -c 20000 /dev/zero | tr '\0' x)" "$url")" != 200 ] ||
	fail "a long header"
port=${url#http://127.0.0.1:}
python3 - "${port%/metrics}" $stat <<-'EOT' || fail "held up"
	import os, socket, sys
	port, pid = int(sys.argv[1]), sys.argv[2]
	def descriptors():
	    return len(os.listdir(f"/proc/{pid}/fd"))
	# Whoever says half a word and waits is put out.
	slow = socket.create_connection(("127.0.0.1", port))
	slow.settimeout(120)
	slow.sendall(b"GET /met")
	assert slow.recv(1) == b"", "the slow client got an answer"
	# Of 200 that say nothing 32 are let in.
	before = descriptors()
	crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
	most = 0
	for i in range(50):
	    most = max(most, descriptors() - before)
	    crowd[0].settimeout(0.05)
	    try:
	        crowd[0].recv(1)
	    except TimeoutError:
	        pass
	assert 0 < most <= 32, f"{most} connections"
	for client in crowd:
	    client.close()
EOT
[ "$(status "$url")" = 200 ] || fail "no answer after the crowd"
echo "served"

# A port that is taken is told in one line.
if "$psring" stat --source synthetic --count 1 \
	--listen "127.0.0.1:${port%/metrics}" >"$work/out" 2>"$work/taken"; then
	fail "two on one port"
fi
grep -qx 'psring stat: --listen .*: Address already in use' "$work/taken" ||
	fail "not told"
end

# A port that only root may bind, for somebody who is root no longer.
serve '[::1]:879' --rate 1000
[ "$(stat -c %u /proc/$stat)" -ne 0 ] || fail "root serves"
[ "$(status "$url")" = 200 ] || fail "IPv6"
end
echo "without privileges"

# Group 1 loses most of its samples in one queue, group 2 none in the other, and
# one thread drains both: each estimate is of all that was sent. In a network
# namespace nobody else's samples are heard.
ip netns add $netns
"$psring" stat --source usersock:7 --netns $netns --queues 2 --consumers 1 \
	--shard group --rcvbuf 256k --format prometheus \
	>"$work/loss" 2>"$work/err" &
stat=$!
until grep -qs '^listening' "$work/err"; do sleep 0.05; done
kill -STOP $stat
"$psring" send --to usersock:7 --netns $netns --count 5000 >"$work/sent"
kill -CONT $stat
"$psring" send --to usersock:7 --netns $netns --count 200 --group-count 2 \
	>"$work/sent"
end
[ "$(value psring_lost_samples_total loss)" -gt 1000 ] || fail "nothing lost"
[ "$(estimated 1 loss)" -eq 510000 ] || fail "group 1"
[ "$(estimated 2 loss)" -eq 10000 ] || fail "group 2"
echo "of each queue its own loss"
