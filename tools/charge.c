/* SPDX-License-Identifier: MIT */
/*
 * The kernel charges a socket not for the message but for the memory behind
 * it, several times as much (skb->truesize). Of a short one that differs with
 * the version: 212 bytes are 1280 in 6.1, 832 in 6.18. So the kernel is asked: a
 * message of that size is sent to a socket of our own. A long multicast stands
 * in one piece of memory that is a power of two; it cannot be asked for, as a
 * unicast does not (net/netlink/af_netlink.c: netlink_alloc_large_skb).
 */
#include "charge.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHORT_BYTES_MAX 1024

/* struct sk_buff and struct skb_shared_info, in whole cache lines. */
#define SKB_BYTES    256
#define SHARED_BYTES 320

/* lib/record.h: of a BPF ring, the least, the most, and its head. */
#define RECORD_BYTES_MIN  256
#define RECORD_BYTES_MAX  65616
#define RECORD_HEAD_BYTES 16

/* @least: a power of two */
static double power_of_two(double least, double bytes)
{
	while (least < bytes)
		least *= 2;
	return least;
}

static double charge_of_datagram(int fd, size_t len)
{
	static const char message[SHORT_BYTES_MAX];
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	uint32_t meminfo[SK_MEMINFO_VARS] = { 0 };
	socklen_t self_len = sizeof(self), meminfo_len = sizeof(meminfo);

	if (len > sizeof(message))
		return SKB_BYTES + power_of_two(SHORT_BYTES_MAX,
						(double)len + SHARED_BYTES);
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
	double bytes = power_of_two(RECORD_BYTES_MIN,
				    message_bytes + RECORD_HEAD_BYTES);

	/* The largest is not a power of two, and comes after 32768. */
	return bytes <= 32768 ? bytes : RECORD_BYTES_MAX;
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
