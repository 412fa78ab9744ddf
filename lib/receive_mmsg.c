/* SPDX-License-Identifier: MIT */
/*
 * Transport recvmmsg: sleeps in epoll until a socket is readable, then receives
 * a batch from each.
 */
#include "clock.h"
#include "receive.h"

#include <errno.h>
#include <sys/epoll.h>

static int mmsg_sleep(struct ingest *ingest, int64_t timeout_ns)
{
	struct epoll_event events[PSR_QUEUES_MAX + 1];
	int count;

	if (timeout_ns > 0 && ingest->wait_us > 0)
		timeout_ns = ingest_pace(ingest, timeout_ns);
	count = epoll_wait(ingest->wait_fd, events, PSR_QUEUES_MAX + 1,
			   clock_ms(timeout_ns));
	ingest_count_syscalls(ingest, 1);
	for (int i = 0; i < count; i++) {
		const struct bell bell = { .fd = ingest->bell_fd };

		if (events[i].data.fd != ingest->bell_fd)
			continue;
		bell_clear(&bell);
		ingest_count_syscalls(ingest, 1);
	}
	if (timeout_ns > 0)
		ingest_woken(ingest);
	if (count >= 0)
		return 0;
	ingest->interrupted = errno == EINTR;
	return ingest->interrupted ? 0 : -errno;
}

/* One recvmmsg; a short count means that the socket was empty. */
static int mmsg_accept_queue(struct ingest *ingest, struct psr_queue *queue)
{
	uint32_t max = queue->free_buffers;
	int count;

	if (max == 0) {
		queue_disarm(queue);
		return 0;
	}
	count = mmsg_receive(&ingest->mmsg, queue->fd, &queue->buffers,
			     ingest->completions, max);
	ingest_count_syscalls(ingest, 1);
	for (int i = 0; i < count; i++)
		(void)queue_take(queue, &ingest->completions[i]);
	/* The edge of a socket that gave an error has been used up as well. */
	if (count < 0 || count == MMSG_BATCH || (uint32_t)count == max)
		ingest->backlog = true;
	return count < 0 ? count : 0;
}

static int mmsg_accept(struct ingest *ingest)
{
	int err = 0;

	ingest->backlog = false;
	for (uint32_t i = 0; i < ingest->queue_count && !err; i++)
		if (ingest->queues[i]->armed)
			err = mmsg_accept_queue(ingest, ingest->queues[i]);
	ingest_publish(ingest);
	return err;
}

int receive_mmsg(struct ingest *ingest, int64_t timeout_ns)
{
	int err = mmsg_sleep(ingest, timeout_ns);

	return err < 0 ? err : mmsg_accept(ingest);
}

/*
 * Edge-triggered: a stalled queue's socket stays full, and must not wake.
 */
int receive_open_mmsg(struct ingest *ingest, const char **reterr_cause)
{
	int err = ingest_open_epoll(ingest, reterr_cause);

	ingest->transport = PSR_TRANSPORT_RECVMMSG;
	mmsg_init(&ingest->mmsg, &ingest->sender);
	for (uint32_t i = 0; i < ingest->queue_count && !err; i++)
		err = ingest_watch(ingest, ingest->queues[i]->fd,
				   EPOLLIN | (uint32_t)EPOLLET);
	return err ? err : ingest_watch(ingest, ingest->bell_fd, EPOLLIN);
}
