/* SPDX-License-Identifier: MIT */
/*
 * What io_uring writes into a buffer before the message, where it receives
 * with the address of the sender (io_uring/net.c: io_recvmsg_multishot). It
 * has the same length for every datagram, so that the message of a buffer
 * stands where it would stand in a smaller buffer without an envelope.
 */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include <assert.h>
#include <liburing.h>
#include <linux/netlink.h>

struct envelope {
	struct io_uring_recvmsg_out lengths;
	struct sockaddr_nl sender;
};

static_assert(sizeof(struct envelope) == 28, "the kernel leaves no gap");

#endif /* ENVELOPE_H */
