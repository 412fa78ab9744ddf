#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bad_input.sh PSRING - what cannot be done is told in one line, with status 2
# for a command line that makes no sense and 1 for what the machine refuses.
set -u
psring=$1
failed=0

# refuse STATUS WORD ARGUMENT... : WORD is in the one line that it says
refuse()
{
	local status=$1 word=$2 said got
	shift 2
	said=$("$psring" "$@" 2>&1 >/dev/null </dev/null)
	got=$?
	if [ "$got" -ne "$status" ] || [ "$(wc -l <<<"$said")" -ne 1 ] ||
		[[ $said == *$'\e'* ]] ||
		! grep -qF -- "$word" <<<"$said"; then
		echo "psring $*: status $got, expected $status and \"$word\":"
		printf '  %s\n' "$said"
		failed=1
	fi
}

# No terminal is to obey what is refused, and a line stays a line.
odd=$'odd\e[31m\n'
refuse 2 odd "$odd"
refuse 2 odd --help "$odd"
refuse 2 odd dump "$odd"
refuse 2 odd dump "--$odd"
refuse 2 odd dump --queues "$odd"
refuse 2 odd dump --groups "$odd"
refuse 2 odd stat --listen "$odd"
refuse 2 --filter dump --filter "host $odd"
refuse 1 odd groups --netns "$odd"

refuse 2 bogus bogus
refuse 2 "unexpected 'extra'" --version extra
refuse 2 "unexpected 'dump'" --help dump
refuse 2 "unexpected ''" -h ''
refuse 2 --bogus dump --bogus
refuse 2 --count dump --count
refuse 2 'unknown or ambiguous option --wait:' stress --wait
for number in "" " " x 1x -1 +-1 0x10 1e3 99999999999999999999 '１'; do
	refuse 2 --count dump --source synthetic --count "$number"
	refuse 2 --queues dump --source synthetic --queues "$number"
done
refuse 2 --queues dump --queues 65
refuse 2 --queues dump --queues 0
refuse 2 --ingest-threads dump --ingest-threads 2
refuse 2 --consumers dump --consumers 2
refuse 2 --buffers dump --buffers 3
refuse 2 --buffers dump --buffers 65536
refuse 2 --buffer-bytes dump --buffer-bytes 255
refuse 2 --buffer-bytes dump --buffer-bytes 1G
refuse 2 --rcvbuf dump --rcvbuf 0
refuse 2 --rcvbuf dump --rcvbuf 2000M
refuse 2 --wait-us dump --wait-us 1000001
refuse 2 --shard dump --shard flows
refuse 2 --transport dump --transport tcp
refuse 2 --source dump --source eth0
refuse 2 usersock dump --source usersock:33
refuse 2 usersock dump --source usersock:0
refuse 2 usersock dump --source usersock:
refuse 2 --groups dump --groups 1,,2
refuse 2 --groups dump --groups 4294967296
refuse 2 --cpus dump --cpus 0,1
refuse 2 --format dump --format xml
refuse 2 --format dump --format prometheus
for address in "" x : :x 1 1.2.3.4 1.2.3:4 :65536 '[::1]' '[::1:9' '[]:9' \
	localhost:9; do
	refuse 2 --listen stat --source synthetic --listen "$address"
done
refuse 1 --listen stat --source synthetic --listen 192.0.2.1:9
refuse 2 --duration dump --duration -1
refuse 2 --duration dump --duration nan
refuse 2 'at most 1000000000' dump --duration 99999999999
refuse 2 --rate dump --rate 100
refuse 2 --rate dump --source synthetic --rate 0
refuse 2 'syntax error' dump --source synthetic --filter 'port port'
refuse 2 'syntax error' dump --filter 'tcp and'
for percent in "" -1 101 1e1 nan 100.0000000001; do
	refuse 2 --max-loss stat --source synthetic --max-loss "$percent"
done
refuse 2 --size dump --source synthetic --size 41
refuse 2 --to send --count 1
refuse 2 --to send --to usersock:99 --count 1
refuse 2 --wait dump --source synthetic --wait
refuse 2 --user dump --user root
refuse 2 --user dump --user nobody-of-that-name
refuse 2 extra dump extra
refuse 2 --write dump --write ''
refuse 2 -r stat -r file
refuse 2 --link dump --link ethernet
refuse 2 --link dump -w - --link wifi
refuse 2 --consumers dump -w - --link ethernet --queues 2 --consumers 2
refuse 2 --family-id dump --family-id 33
refuse 2 --family-id dump -r - --family-id 16
for option in '--source synthetic' --wait '--queues 2' '--thin 2' '--duration 1' \
	'--max-loss 1'; do
	# shellcheck disable=SC2086 # a name, and maybe a value
	refuse 2 "${option%% *}" dump -r - $option
done
refuse 1 'No such file' dump -r /nowhere/file
refuse 1 'No such file' dump --source synthetic -w /nowhere/file
refuse 1 'No space left' dump --source synthetic -w /dev/full
refuse 1 'truncated dump file' dump -r -
refuse 2 'transport bpf' dump --source synthetic --shard flow
refuse 2 'nobody says who' dump --source usersock:7 --verify-sender
refuse 2 '--senders 1' dump --source synthetic --senders 2 --verify-sender
refuse 2 'verify_sender' dump --source synthetic --transport bpf --verify-sender
refuse 2 'all_netns' dump --source synthetic --transport bpf --all-netns
refuse 2 'all_netns' dump --source synthetic --all-netns --verify-sender
refuse 2 --netns dump --netns ''
refuse 1 /run/netns/there-is-none dump --netns there-is-none
refuse 1 'not a network namespace' groups --netns /dev/null
refuse 1 'too long' groups --netns "$(printf '%5000s' '' | tr ' ' x)"
refuse 2 --netns stress --netns there-is-none
refuse 2 cpus dump --source synthetic --transport bpf --cpus 0
refuse 2 65536 stat --source synthetic --queues 3 --buffers 32768
for stall in "" / 1 1/ /2 2/2 0/2 x/2 1/x 1/3600001 1/2/3 99999999999/100; do
	refuse 2 --stall stress --stall "$stall"
done
refuse 2 --sample-rate stress --sample-rate 0
refuse 2 --sample-rate stress --source synthetic --sample-rate 2
refuse 2 --trunc stress --source synthetic --trunc 64
refuse 2 --trunc stress --trunc 65469
refuse 2 --thin stress --thin 2
refuse 2 --thin stat --thin 0
refuse 2 --seed stress --chaos --seed 0
refuse 2 --seed stress --seed 1
refuse 2 'choose one' stress --max --chaos
refuse 2 'choose one' stress --max --stall 1/2
refuse 2 --rate stress --max --rate 5
refuse 2 --queues stress --chaos --queues 2
refuse 2 'transport bpf' stress --source synthetic --shard flow
refuse 2 cpus stress --source synthetic --transport bpf --cpus 0
refuse 2 --count stress --count 5
refuse 2 --source stress --source usersock:3
refuse 2 --group-count stress --group-count 33
refuse 2 --groups stress --groups 2
refuse 2 --interfaces stress --interfaces 2
refuse 2 -x stress -x
refuse 2 'no value is allowed in --verbose' stress --verbose=1
refuse 2 'a value is missing after -c:' dump -c
refuse 2 'option -y:' stress -vy
refuse 2 '--count' dump --source synthetic -c 1x
refuse 2 'mean dump?' dumb
refuse 2 'mean dump?' dmup
refuse 2 'mean --rcvbuf?' dump --rvcbuf 1M
refuse 2 'mean --queues?' dump --quees 2
refuse 2 'mean --queues?' dump --quees=2
refuse 2 'mean --transport?' stat --transp uring
refuse 2 'option --seed: see' dump --seed 1
refuse 2 --rate doctor --rate 0
refuse 2 --size doctor --size 100
refuse 2 --source doctor --source eth0

# By its other name; getopt and the usage text say more than a line.
psample=$(dirname "$psring")/psample
for arguments in -x --grup "-g x" "-g 4294967296" "-g" "-l -m" "-l -c" "-c -s" \
	"-w" "-w x -l" "-w x -g 5" extra; do
	# shellcheck disable=SC2086 # several words
	"$psample" $arguments >/dev/null 2>&1 </dev/null
	[ $? -eq 2 ] || {
		echo "psample $arguments: not status 2"
		failed=1
	}
done
"$psample" -w '' 2>&1 | grep -q '^psample: --write ' || {
	echo "psample -w '' does not say which program refuses"
	failed=1
}
exit $failed
