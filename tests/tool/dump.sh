#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dump.sh PSRING - what is printed is what --filter wants, and --count counts it;
# the summary and the ledger tell the rest, and the exit status tells of loss.
set -eu
psring=$1
group=13
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fail WHAT
fail()
{
	echo "$1:"
	cut -c 1-200 "$work/out" "$work/err"
	exit 1
}

# dump OPTION... : out and err; returns its exit status
dump()
{
	"$psring" dump "$@" >"$work/out" 2>"$work/err"
}

# row KEY VALUE : the ledger says so
row()
{
	grep -Eq "^  $1 +$2( |$)" "$work/err" || fail "no $1 of $2"
}

dump --source synthetic -c 1000 || fail "all: status $?"
sed -E 's/^[0-9:]{8}\.[0-9]{9} //' "$work/out" >"$work/lines"
head -n 2 "$work/lines" | diff - <(
	line='#1 In group 1 1:100 128/128 userspace: IP'
	echo "$line 192.0.2.1.49152 > 192.0.2.2.7: UDP, length 86"
	echo "$line 192.0.2.2.7 > 192.0.2.1.49152: UDP, length 86"
)
printf '%s samples %s\n' '1 000' captured '1 000' 'received by filter' \
	0 'dropped by kernel' | diff - <(grep ' samples ' "$work/err" | head -n 3)

# Every second sample is an echo.
dump --source synthetic -c 1000 --filter 'src port 7' || fail "filter: $?"
[ "$(wc -l <"$work/out")" -eq 500 ] || fail "not 500 lines"
grep -v '192\.0\.2\.2\.7 > ' "$work/out" && fail "a line that does not match"
grep -qx '500 samples captured' "$work/err" || fail "captured"
grep -qx '500 samples received by filter' "$work/err" || fail "received"
row unmatched 500
row delivered '1 000'

"$psring" send --to usersock:$group -c 1000 >"$work/sent"
grep -q '^sent 1 000 in ' "$work/sent" || fail "what send prints"

# A group that is named twice is no other than if it were named once.
dump --source synthetic -c 100 --group-count 2 --groups 2,1,2 ||
	fail "groups: status $?"
[ "$(wc -l <"$work/out")" -eq 100 ] || fail "not 100 lines"
row sent 100

# Of a source that goes on, it ends with the last that is wanted.
"$psring" send --to usersock:$group --rate 2000 >"$work/sent" 2>&1 &
sender=$!
dump --source usersock:$group -c 10 --filter 'src port 7' -n || fail "count: $?"
kill -INT $sender
wait $sender
[ "$(wc -l <"$work/out")" -eq 10 ] || fail "not 10 lines"
grep -v ' #1 In .*192\.0\.2\.2\.7 > ' "$work/out" && fail "not what -n prints"
grep -qx '10 samples captured' "$work/err" || fail "captured of a count"

# A name where there is one: interface 1 is the loopback.
"$psring" send --to usersock:$group --rate 2000 >"$work/sent" 2>&1 &
sender=$!
dump --source usersock:$group -c 5 --json || fail "names: $?"
kill -INT $sender
wait $sender
[ "$(grep -c '"iif":1,.*"iif_name":"lo"' "$work/out")" -eq 5 ] || fail "no lo"

# The terminal goes away: an end like any other, but for who runs on without.
hang_up()
{
	: >"$work/err"
	sh -c "$1 exec \"$psring\" dump --source usersock:$group" \
		>"$work/out" 2>"$work/err" &
	until grep -q ^listening "$work/err"; do sleep 0.05; done
	kill -HUP $!
}
hang_up :\;
wait $! || fail "SIGHUP: status $?"
grep -q balanced "$work/err" || fail "SIGHUP: no ledger"
hang_up "trap '' HUP;"
"$psring" send --to usersock:$group --count 1 >"$work/sent"
until [ -s "$work/out" ]; do kill -0 $! || fail "nohup"; done
kill -INT $!
wait $! || fail "nohup: status $?"

# Nobody reads any more: told in a line, as of a file that is read, and the ledger.
mkfifo "$work/fifo"
# shellcheck disable=SC2094 # a pipe that is closed at its other end
exec 3<>"$work/fifo" 4>"$work/fifo" 3<&-
dump --source synthetic -c 10 -w "$work/pcap"
for command in --help 'dump --help' "dump -r $work/pcap" \
	'stat --source synthetic --rate 1000' \
	'dump --source synthetic --rate 20000'; do
	status=0
	# shellcheck disable=SC2086 # the list is meant to be split
	"$psring" $command >&4 2>"$work/err" || status=$?
	[ $status -eq 1 ] || fail "$command: status $status of a closed pipe"
	[ "$(grep -i pipe "$work/err")" = \
		'psring: standard output: Broken pipe' ] ||
		fail "$command: not told of a closed pipe"
done
exec 4>&-
row malformed 0

# Lost, and more than may be, or not.
lossy="--source synthetic --count 20000 --rcvbuf 4k --size 1400 --transport recvmmsg"
for subcommand in dump stat; do
	for max in 0:3 0.5:3 100:0; do
		status=0
		# shellcheck disable=SC2086 # the list is meant to be split
		"$psring" $subcommand $lossy --max-loss ${max%:*} \
			>"$work/out" 2>"$work/err" || status=$?
		[ $status -eq "${max#*:}" ] ||
			fail "$subcommand --max-loss ${max%:*}: status $status"
	done
done
dump --source synthetic --count 20000 --rate 20000 --max-loss 0 ||
	fail "nothing lost, and status $?"
