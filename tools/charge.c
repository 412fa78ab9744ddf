/* SPDX-License-Identifier: MIT */
/*
 * The kernel charges a socket not for the message but for the memory behind
 * it, several times as much, and differently in each version (skb->truesize;
 * 212 bytes: 1280 in 6.1, 832 in 6.18). So it is asked: a message of that size
 * is sent to a socket of our own.
 */
#include "charge.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES_MAX 65552

#define RECORD_BYTES_MIN  256 /* the least that a BPF ring has room made for */
#define RECORD_HEAD_BYTES 16

static double charge_of_datagram(int fd, size_t len)
{
	static const char message[MESSAGE_BYTES_MAX];
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	uint32_t meminfo[SK_MEMINFO_VARS] = { 0 };
	socklen_t self_len = sizeof(self), meminfo_len = sizeof(meminfo);

	if (len > sizeof(message))
		len = sizeof(message);
	if (bind(fd, (struct sockaddr *)&self, self_len) ||
	    getsockname(fd, (struct sockaddr *)&self, &self_len) ||
	    sendto(fd, message, len, 0, (struct sockaddr *)&self, self_len) <
		    0 ||
	    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, meminfo, &meminfo_len))
		return 0;
	return meminfo[SK_MEMINFO_RMEM_ALLOC];
}

/* lib/program.bpf.c: a record has one of a few sizes. */
static double charge_of_record(double message_bytes)
{
	double bytes = RECORD_BYTES_MIN;

	while (bytes < message_bytes + RECORD_HEAD_BYTES)
		bytes *= 2;
	return bytes;
}

double charge_of_sample(const struct psr_info *info,
			const struct psr_stats *stats)
{
	double message_bytes, bytes;
	int fd;

	if (!stats->received)
		return 0;
	message_bytes = (double)stats->bytes / (double)stats->received;
	if (info->transport == PSR_TRANSPORT_BPF)
		return charge_of_record(message_bytes);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (fd < 0)
		return 0;
	bytes = charge_of_datagram(fd, (size_t)message_bytes);
	close(fd);
	return bytes;
}
