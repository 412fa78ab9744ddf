# SPDX-License-Identifier: MIT
#
# refusals.sh - what psring says where it cannot work
#
# shellcheck shell=sh

case_unprivileged()
{
	nobody_exists
	busybox su -s /bin/sh nobody -c "./psring dump" >out 2>err && return 1
	grep -q CAP_NET_ADMIN err || return 1
	# As distributions have it, and as it once was; 1 cannot be taken back.
	for disabled in 2 0 1; do
		echo $disabled >/proc/sys/kernel/unprivileged_bpf_disabled
		busybox su -s /bin/sh nobody -c "./psring dump --transport bpf" \
			>out 2>err && return 1
		grep -q 'needs CAP_BPF' err || return 1
	done
}

# Last: the family is gone then.
case_no_family()
{
	ip link del v0
	modprobe -r act_sample psample || return 1
	./psring dump >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe psample' err || return 1
	./psring groups >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe psample' err || return 1
	# tc would have the module loaded.
	mount -t tmpfs tmpfs "/lib/modules/$(uname -r)"
	./psring stress >out 2>err
	[ $? -eq 1 ] && grep -q 'modprobe -a act_sample' err
}
