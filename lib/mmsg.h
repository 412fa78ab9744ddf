/* SPDX-License-Identifier: MIT */
/*
 * The second transport: recvmmsg, for kernels and containers without io_uring.
 * It takes buffers from the same ring and reports the same completions.
 */
#ifndef MMSG_H
#define MMSG_H

#include "buffers.h"
#include "transport.h"

#include <sys/socket.h>

#define MMSG_BATCH 64

struct mmsg {
	struct mmsghdr headers[MMSG_BATCH];
	struct iovec vectors[MMSG_BATCH];
	uint16_t buffer_ids[MMSG_BATCH];
	/* Asked for to verify; asked for with all_netns. */
	struct sockaddr_nl addresses[MMSG_BATCH];
	struct control controls[MMSG_BATCH];
	struct sender sender;
};

void mmsg_init(struct mmsg *ret_mmsg, const struct sender *sender);

/*
 * Receives what is there, at most @max datagrams into the next buffers that
 * @buffers offers; their envelopes stay empty. Never sleeps.
 * Returns completions at @ret_completions, or a negative errno.
 */
int mmsg_receive(struct mmsg *mmsg, int fd, struct buffers *buffers,
		 struct completion *ret_completions, uint32_t max);

#endif /* MMSG_H */
