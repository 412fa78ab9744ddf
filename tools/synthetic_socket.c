/* SPDX-License-Identifier: MIT */
/*
 * How a multicast can be counted exactly: netlink_sendmsg in af_netlink.c
 * broadcasts to the group and then also unicasts to nl_pid, whose result it
 * returns. With nl_pid 0 that is ECONNREFUSED though every member got its
 * copy, and sendmmsg ends after one message. So each socket addresses itself,
 * and a filter on it drops what arrives: the call then succeeds exactly if the
 * sample was multicast, and a batch takes one system call.
 *
 * With an interface a packet socket sends the packet out of each message
 * instead. Nothing else differs.
 */
#include "synthetic_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>

/* A port that receives nothing, and whose number the kernel chose. */
static int multicast_bind(int fd, struct sockaddr_nl *address)
{
	struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &reject };
	socklen_t length = sizeof(*address);

	address->nl_family = AF_NETLINK;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) ||
	    bind(fd, (struct sockaddr *)address, length) ||
	    getsockname(fd, (struct sockaddr *)address, &length))
		return -errno;
	return 0;
}

static int sender_open_multicast(struct sender *sender)
{
	struct synthetic *synthetic = sender->synthetic;
	struct sockaddr_nl *address = &sender->address.multicast;
	int error;

	sender->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (sender->fd < 0)
		return -errno;
	error = multicast_bind(sender->fd, address);
	if (error)
		return error;
	address->nl_groups = 1U << (synthetic->config.usersock_group - 1);
	if (!synthetic->portid)
		synthetic->portid = address->nl_pid;
	return 0;
}

/* Protocol 0: a packet socket that receives nothing. */
static int sender_open_interface(struct sender *sender)
{
	sender->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (sender->fd < 0)
		return -errno;
	sender->address.interface = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)sender->synthetic->config.interface,
	};
	return 0;
}

int sender_open_socket(struct sender *sender)
{
	return sender->synthetic->config.interface ? sender_open_interface(
							     sender)
						   : sender_open_multicast(
							     sender);
}
