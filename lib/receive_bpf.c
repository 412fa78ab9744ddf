/* SPDX-License-Identifier: MIT */
/*
 * Transport bpf: receives nothing. The consumer sleeps in poll until its ring
 * has records, and accepts them where they are.
 */
#include "clock.h"
#include "receive.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

/*
 * Sleeps out wait_us even where records wait: that is what makes batches. The
 * kernel wakes for the record that the consumer's position has reached, and
 * looks for itself before poll sleeps. Nobody sleeps on a record that a CPU is
 * still writing: psample writes it in one go.
 */
static int bpf_sleep(struct ingest *ingest, int64_t timeout_ns)
{
	struct psr_queue *queue = ingest->queues[0];
	struct timespec timeout;
	struct pollfd pollfds[] = {
		{ .fd = ingest->ring_fd, .events = POLLIN },
		{ .fd = queue->consumer.fd, .events = POLLIN },
	};
	int count;

	if (timeout_ns > 0 && ingest->wait_us > 0)
		timeout_ns = ingest_pace(ingest, timeout_ns);
	if (timeout_ns == 0 || !ringbuf_is_empty(&queue->ringbuf))
		return 0;
	timeout = clock_timespec(timeout_ns);
	count = ppoll(pollfds, 2, &timeout, NULL);
	ingest_woken(ingest);
	ingest_count_syscalls(ingest, 1);
	if (count < 0) {
		ingest->interrupted = errno == EINTR;
		return ingest->interrupted ? 0 : -errno;
	}
	if (pollfds[1].revents) {
		bell_clear(&queue->consumer);
		ingest_count_syscalls(ingest, 1);
	}
	return 0;
}

static int bpf_accept(struct ingest *ingest)
{
	struct psr_queue *queue = ingest->queues[0];
	uint32_t max = queue->free_buffers < INGEST_BATCH ? queue->free_buffers
							  : INGEST_BATCH;
	const struct record *record;
	uint32_t count, offset;

	for (count = 0; count < max; count++) {
		record = ringbuf_take(&queue->ringbuf, &offset);
		if (!record)
			break;
		queue_accept(queue, offset, record->len);
	}
	queue_note_backlog(queue, queue->ringbuf.producer_seen -
					  queue->ringbuf.released);
	ingest_publish(ingest);
	queue_release_noise(queue);
	/* What came before the position was stored did not wake: look again. */
	ingest->backlog = count == max || (ring_count(&queue->ring) == 0 &&
					   !ringbuf_is_empty(&queue->ringbuf));
	return 0;
}

int receive_bpf(struct ingest *ingest, int64_t timeout_ns)
{
	int err = bpf_sleep(ingest, timeout_ns);

	return err < 0 ? err : bpf_accept(ingest);
}

/* One descriptor for two: whoever sleeps in poll watches them themselves. */
int receive_open_bpf(struct ingest *ingest, int ring_fd,
		     const char **reterr_cause)
{
	int err = ingest_open_epoll(ingest, reterr_cause);

	ingest->transport = PSR_TRANSPORT_BPF;
	ingest->ring_fd = ring_fd;
	ingest->queues[0]->armed = true;
	if (!err)
		err = ingest_watch(ingest, ring_fd, EPOLLIN);
	return err ? err
		   : ingest_watch(ingest, ingest->queues[0]->consumer.fd,
				  EPOLLIN);
}
