/* SPDX-License-Identifier: MIT */
/*
 * What io_uring writes into a buffer before the message, where it receives
 * with what is told of the sender (io_uring/net.c: io_recvmsg_multishot). It
 * has the same length for every datagram, so that the message of a buffer
 * stands where it would stand in a smaller buffer without an envelope.
 */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include "transport.h"

#include <liburing.h>

struct envelope {
	struct io_uring_recvmsg_out lengths;
	struct sockaddr_nl sender;
	uint32_t gap; /* asked for as room of the address: it aligns */
	struct control control;
};

#define ENVELOPE_NAME_BYTES \
	(offsetof(struct envelope, control) - offsetof(struct envelope, sender))

static_assert(sizeof(struct envelope) == sizeof(struct io_uring_recvmsg_out) +
						 ENVELOPE_NAME_BYTES +
						 sizeof(struct control),
	      "the kernel leaves no gap");

#endif /* ENVELOPE_H */
