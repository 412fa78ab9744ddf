# SPDX-License-Identifier: MIT
#
# openvswitch.sh - samples of Open vSwitch, which has the action since Linux 6.11
#
# shellcheck shell=sh

case $(uname -r) in
6.1.*) return ;;
esac

# Open vSwitch numbers no sample, and tells a probability in place of a rate.
case_openvswitch()
{
	modprobe openvswitch && ./ovs v0 12 && listen || return 1
	./frames v1 ipv4 --count 500 >sent
	end_listening && ./ovs delete && modprobe -r openvswitch || return 1
	same sent field data && lost 0 || return 1
	[ "$(grep -c '"group":12,"group_seq":0,.*"probability":1\.0*[,}]' out)" -eq 500 ] &&
		[ "$(grep -c '"cookie":"deadbeef"' out)" -eq 500 ] &&
		! grep -q '"net_missing"' err
}

# Half of the packets, by chance.
case_openvswitch_half()
{
	modprobe openvswitch && ./ovs v0 13 50 && listen --queues 2 || return 1
	./frames v1 ipv4 --count 400 >sent
	end_listening && ./ovs delete && modprobe -r openvswitch || return 1
	[ "$(wc -l <out)" -gt 100 ] && [ "$(wc -l <out)" -lt 300 ] || return 1
	[ "$(grep -c '"probability":0\.49999' out)" -eq "$(wc -l <out)" ] && lost 0
}
