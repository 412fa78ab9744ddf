/* SPDX-License-Identifier: MIT */
/*
 * recvmmsg in the role of the kernel's multishot receive: it takes buffers
 * from the head of the ring that buffers.h fills at the tail.
 */
#include "mmsg.h"

#include <errno.h>
#include <string.h>

void mmsg_init(struct mmsg *ret_mmsg, const struct sender *sender)
{
	memset(ret_mmsg, 0, sizeof(*ret_mmsg));
	ret_mmsg->sender = *sender;
	for (uint32_t i = 0; i < MMSG_BATCH; i++) {
		struct msghdr *header = &ret_mmsg->headers[i].msg_hdr;

		header->msg_iov = &ret_mmsg->vectors[i];
		header->msg_iovlen = 1;
		if (sender->all_netns)
			header->msg_control = &ret_mmsg->controls[i];
		if (!sender->verified)
			continue;
		header->msg_name = &ret_mmsg->addresses[i];
		header->msg_namelen = sizeof(ret_mmsg->addresses[i]);
	}
}

static void mmsg_offer(struct mmsg *mmsg, const struct buffers *buffers,
		       uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct io_uring_buf *entry =
			&buffers->ring->bufs[(buffers->head + i) &
					     (buffers->count - 1)];

		mmsg->buffer_ids[i] = entry->bid;
		mmsg->vectors[i].iov_base = buffers_at(buffers, entry->bid);
		mmsg->vectors[i].iov_len = buffers->bytes;
	}
	/* The kernel has written there how much of it it used. */
	for (uint32_t i = 0; mmsg->sender.all_netns && i < count; i++)
		mmsg->headers[i].msg_hdr.msg_controllen =
			sizeof(mmsg->controls[i]);
}

/*
 * The kernel writes each msg_namelen, always what it was: netlink's addresses
 * have one length.
 */
static void mmsg_tell(const struct mmsg *mmsg, struct completion *completions,
		      int count)
{
	for (int i = 0; i < count; i++) {
		const struct msghdr *header = &mmsg->headers[i].msg_hdr;

		completions[i].forged =
			!sender_is(&mmsg->sender, &mmsg->addresses[i],
				   header->msg_namelen);
		completions[i].nsid = control_nsid(&mmsg->controls[i],
						   header->msg_controllen);
	}
}

int mmsg_receive(struct mmsg *mmsg, int fd, struct buffers *buffers,
		 struct completion *ret_completions, uint32_t max)
{
	uint32_t offered = max < MMSG_BATCH ? max : MMSG_BATCH;
	int count;

	mmsg_offer(mmsg, buffers, offered);
	count = recvmmsg(fd, mmsg->headers, offered, MSG_DONTWAIT | MSG_TRUNC,
			 NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;

	for (int i = 0; i < count; i++)
		ret_completions[i] = (struct completion){
			.result = (int32_t)mmsg->headers[i].msg_len,
			.buffer_id = mmsg->buffer_ids[i],
			.nsid = PSR_NSID_OWN,
		};
	if (sender_is_told(&mmsg->sender))
		mmsg_tell(mmsg, ret_completions, count);
	buffers->head = (uint16_t)(buffers->head + count);
	return count;
}
