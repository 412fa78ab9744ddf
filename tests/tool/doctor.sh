#!/bin/bash
# SPDX-License-Identifier: MIT
#
# WITHOUT_URING=FILE doctor.sh PSRING - psring doctor on this machine, whether it
# has psample or not: the verdict is what psring groups meets, each finding has
# its place in text and JSON, and colour is for terminals only. FILE runs a
# command that may not use io_uring.
set -u
psring=$(readlink -f "$1")
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

complain()
{
	echo "doctor: $*"
	failed=1
}

"$psring" doctor --duration 0.1 >text
status=$?
"$psring" doctor --duration 0.1 --json >json
[ $? -eq $status ] || complain "the status of --json is another"

if "$psring" groups >/dev/null 2>&1; then
	grep -q '^ok    psample ' text || complain "psample is there"
else
	# A kernel without psample: told, with a command, and no success.
	[ $status -eq 1 ] || complain "status $status without psample"
	grep -A 1 '^fail  psample ' text | grep -Eq '^ +(modprobe|apt-get) ' ||
		complain "psample is missing, and it does not say what to do"
fi
[ "$(grep -c '^fail ' text)" -gt 0 ] && [ $status -eq 0 ] &&
	complain "a failed check, and status 0"

text='"([^"\\]|\\.)*"'
grep -vxE "\{\"check\":\"[a-z_]+\",\"verdict\":\"(ok|warn|fail)\",\"reason\":$text(,\"command\":$text)?\}" \
	json && complain "these lines are not as documented"
for verdict in ok warn fail; do
	[ "$(grep -c "^$verdict  " text)" -eq \
		"$(grep -c "\"verdict\":\"$verdict\"" json)" ] ||
		complain "$verdict: text and JSON differ"
done

# What is no namespace keeps nobody waiting, where it looks for samples.
mkdir -p /run/netns
mkfifo /run/netns/psring-$$
"$psring" doctor --duration 0.1 >text
rm /run/netns/psring-$$
grep -q '^[a-z]*  *filters ' text || complain "it did not look for filters"

# Without psample there are no findings about it, and what is left is well.
"$psring" doctor --source synthetic >text || complain "$(cat text)"
grep -Eq '^(ok|warn|fail) +(psample|filters|config)' text &&
	complain "the synthetic source does not need psample"
grep -q '^ok    join ' text || complain "the synthetic group was not joined"
grep -Eq '^(ok|warn) +bpf ' text || complain "nothing about bpf"
grep -Eq '^(ok|warn) +rcvbuf .* at 100 000/s$' text ||
	complain "how long a receive buffer lasts is not told"

# Who may do nothing is told so, and how to be allowed to.
setpriv --reuid 65534 --clear-groups --bounding-set -all \
	"$psring" doctor --source synthetic >text &&
	complain "without capabilities, status 0"
grep -A 1 '^fail  join .*no CAP_NET_ADMIN' text |
	grep -q "setcap .* \"$psring\"" ||
	complain "no word of CAP_NET_ADMIN"

# A container's seccomp filter is told from the sysctl.
"$WITHOUT_URING" "$psring" doctor --source synthetic >text ||
	complain "recvmmsg would do, and it failed"
grep -A 1 '^warn  io_uring .*recvmmsg is used instead' text |
	grep -q -- '--security-opt' || complain "no word of seccomp"
grep -q '^ok    io_uring' text && complain "io_uring is forbidden, and has features"

# So is a limit; and what io_uring could do is no good news then.
(ulimit -n 8 && "$psring" doctor --source synthetic >text)
grep -q '^warn  io_uring .*recvmmsg is used instead.*ulimit' text ||
	complain "no word of the limit"
grep -q '^ok    io_uring' text && complain "no io_uring to be had, and features"

in_terminal()
{
	script -qec "$*" /dev/null </dev/null
}

escape=$(printf '\033')
in_terminal "NO_COLOR= $psring doctor --source synthetic" | grep -q "$escape" ||
	complain "no colour on a terminal"
in_terminal "NO_COLOR=1 $psring doctor --source synthetic" | grep -q "$escape" &&
	complain "colour, though NO_COLOR is set"
in_terminal "$psring doctor --source synthetic --json" | grep -q "$escape" &&
	complain "colour in JSON"
grep -q "$escape" text json && complain "colour in a file"

"$psring" doctor --source synthetic >/dev/full 2>err && complain "no room, status 0"
grep -q 'standard output' err || complain "no room for the output, not told"
exit $failed
