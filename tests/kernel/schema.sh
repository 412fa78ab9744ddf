#!/bin/bash
# SPDX-License-Identifier: MIT
#
# schema.sh KERNEL DIR - the JSON that takes a psample kernel is what its schema
# says: groups and what feeds them, a doctor who finds samples, the balance of
# packets. The guest prints it, and it is looked at here.
set -eu
cd "$(dirname "$(readlink -f "$0")")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Nothing is well, then samples come. An interface has a large number, and one
# filter does not truncate: the doctor tells.
# shellcheck disable=SC2016 # the guest expands it
GUEST_OUT=$work ./guest.sh "$1" "$2" '
	set -e
	./psring doctor --json --duration 0.1 >/out/doctor && exit 1
	ip link add v0 type veth peer name v1
	ip link add d0 index 70000 type dummy
	ip link set v0 up
	ip link set v1 up
	tc qdisc add dev v0 clsact
	tc filter add dev v0 ingress matchall action sample rate 1 group 5
	tc filter add dev v0 egress matchall action sample rate 2 group 5 trunc 64
	tc actions add action sample rate 1 group 77 index 99
	./frames v1 ipv4 --quiet --count 100
	./psring groups --json >/out/groups
	./psring doctor --json --duration 0.1 >>/out/doctor
	ip link del v0
	for options in --group-count=2 "--sample-rate 10 --senders 2"; do
		./psring stress --json --duration 0.2 $options >>/out/stress
	done'

validate()
{
	python3 ../validate.py "$1" "$work/$1" "${@:2}"
}

validate groups
validate doctor
# Of --max and --chaos, which a synthetic source has too: tests/tool/schema.sh.
validate stress max max.packets_per_s max.samples_per_s max.above \
	seed rounds resident_first_bytes resident_last_bytes
for check in trunc ifindex; do
	grep -q "{\"check\":\"$check\"" "$work/doctor"
done
