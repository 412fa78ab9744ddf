# SPDX-License-Identifier: MIT
#
# senders.sh - samples of others: other processes, other network namespaces
#
# shellcheck shell=sh

# Other processes send to the same group; some say that they are the kernel.
send_among_forged()
{
	./forge 20 4711
	./frames v1 ipv4 --count 100 >sent
	./forge 40 0
}

case_forged()
{
	sample v0 ingress rate 1 group 5
	for transport in uring recvmmsg; do
		listen --transport $transport --verify-sender || return 1
		send_among_forged
		end_listening || return 1
		same sent field data && ledger forged 60 &&
			ledger foreign 60 && ledger userspace 0 ||
			return 1
		listen --transport $transport || return 1
		send_among_forged
		end_listening || return 1
		[ "$(wc -l <out)" -eq 160 ] && ledger forged 0 &&
			ledger userspace 20 || return 1
	done
}

# 350 samples of three namespaces, and 20 of a forger in one of them.
send_in_netns()
{
	ip netns exec stranger ./frames v1 ipv4 --quiet --count 50
	./frames v1 ipv4 --count 100 >sent.here
	ip netns exec near ./frames v1 ipv4 --count 200 >sent.near
	ip netns exec near ./forge 20 4711
}

# What is sampled in another namespace: in one that is entered, and in all that
# have an id here, each by its own numbers.
case_netns()
{
	sampling_netns near
	sampling_netns stranger
	ip netns set near 7
	sample v0 ingress rate 1 group 5
	listen --netns near || return 1
	send_in_netns
	end_listening || return 1
	grep -v userspace out >samples
	mv samples out
	same sent.near field data && lost 0 && ! grep nsid out || return 1

	for transport in uring recvmmsg; do
		listen --all-netns --verify-sender --transport $transport ||
			return 1
		send_in_netns
		end_listening || return 1
		ledger received 320 && ledger forged 20 && lost 0 ||
			return 1
		[ "$(grep -o '"missing":0,[^}]*"duplicate":0' err | wc -l)" \
			-eq 2 ] || return 1
		mv out all
		grep '"nsid":7,' all >out
		same sent.near field data || return 1
		grep -v '"nsid"' all >out
		same sent.here field data || return 1
	done
}
