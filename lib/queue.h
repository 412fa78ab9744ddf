/* SPDX-License-Identifier: MIT */
/*
 * One queue: a socket, its buffers, its ring of views, and who sleeps on it.
 *
 * The functions here are those of the ingest side; the consumer's are public.
 * Nothing is shared between queues.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "bell.h"
#include "buffers.h"
#include "counter.h"
#include "filter.h"
#include "ring.h"
#include "ringbuf.h"
#include "sequence.h"
#include "transport.h"

#include <errno.h>

struct ingest;

/*
 * State of a queue: (S) whoever ends it stores it, the consumer loads it before
 * it looks into the ring. psr_start makes it QUEUE_RUNNING. psr_stop makes it
 * the number of that stop, which is positive: nothing new comes, the socket is
 * drained. Ingest makes it QUEUE_ENDED when that is done, which is told from a
 * later stop by its number, or the negative errno that ended it.
 */
#define QUEUE_RUNNING 0
#define QUEUE_ENDED   (-ESHUTDOWN)

struct psr_queue {
	/* Constant after psr_open. */
	struct ingest *ingest;
	struct buffers buffers;
	struct sequence_table *sequences;
	struct filter filter;
	int fd;
	uint16_t place;		 /* index within the ingest */
	uint32_t resume_buffers; /* stalled until so many are free */
	uint32_t thin;		 /* the filter passes one in so many */

	struct ring ring;
	/* Transport bpf, else all 0. */
	struct ringbuf ringbuf;
	const struct program_counters *counters;

	/* Written by the consumer. */
	alignas(CACHE_LINE) counter delivered; /* the ring's head in 64 bits */
	bool fd_armed;			       /* psr_queue_wait returned 0 */

	/* Written by ingest. */
	alignas(CACHE_LINE) uint32_t free_buffers; /* in the buffer ring */
	uint32_t filled; /* slots decoded since the last push */
	uint32_t taken;	 /* datagrams since the last push */
	int32_t nsid;	 /* of the datagram that is being accepted */
	uint64_t taken_bytes;
	bool armed;  /* a receive is under way */
	int drained; /* the stop for which the socket was empty, or 0 */
	counter received;
	counter bytes;
	counter malformed;
	counter foreign;
	counter forged;
	counter truncated;
	counter trailing;
	counter userspace;
	counter evicted;
	counter stalls;
	counter arms;
	counter batches[PSR_BATCH_BUCKETS];

	/* Written by both sides while one of them sleeps. */
	alignas(CACHE_LINE) struct bell consumer; /* sleeps until a push */
	struct bell stalled; /* ingest sleeps until resume_at is released */
	_Atomic(uint32_t) resume_at;
	_Atomic(int) state;

	/* Written by psr_watch before it joins: decode.h. A datagram of a family
	 * follows the join, by the locks of the kernel's netlink table and of
	 * the socket's queue: relaxed is enough. */
	alignas(CACHE_LINE) _Atomic(uint32_t) families;

	/* Written by whoever reads the statistics. */
	alignas(CACHE_LINE) _Atomic(uint64_t) lost_socket;
	_Atomic(uint64_t) backlog_peak; /* by ingest as well */
};

static_assert(offsetof(struct psr_queue, free_buffers) % CACHE_LINE == 0 &&
		      offsetof(struct psr_queue, consumer) % CACHE_LINE == 0,
	      "each writer has its own lines");

/*
 * Takes back what the consumer released. False: the queue is stalled, and its
 * bell is armed.
 */
bool queue_recycle(struct psr_queue *queue);

/* Decodes a datagram of @len bytes in buffer @buffer_id into the next slot. */
void queue_accept(struct psr_queue *queue, uint32_t buffer_id, size_t len);

/*
 * Takes a completion of the queue: accepts its datagram, or counts that it is
 * forged, or that no buffer was left. Returns 0, or what ends the ingest.
 */
int queue_take(struct psr_queue *queue, const struct completion *completion);

/* No buffer is left. */
void queue_disarm(struct psr_queue *queue);

/*
 * Transport bpf: gives the records of what is no sample back, which stand in
 * nobody's view, where no view is out.
 */
void queue_release_noise(struct psr_queue *queue);

/* What waits in the socket or BPF ring; remembers the highest. Any thread. */
void queue_note_backlog(struct psr_queue *queue, uint64_t bytes);

/* Hands the accepted views over. Returns the system calls made. */
uint32_t queue_publish(struct psr_queue *queue);

/* Nothing follows, for the stop queue->drained or for the errno @err. */
uint32_t queue_end_drained(struct psr_queue *queue);
uint32_t queue_fail(struct psr_queue *queue, int err);

/*
 * From here on samples have the message type @family. Those of the former one
 * may still be on their way.
 */
void queue_set_family(struct psr_queue *queue, uint16_t family);

/* Does the packet lie in the buffer that the view is said to be of? */
static inline bool queue_holds(const struct psr_queue *queue,
			       const struct psr_view *view)
{
	const uint8_t *buffer = buffers_at(&queue->buffers, view->private_id);

	return view->data_len == 0 ||
	       (view->data >= buffer &&
		view->data + view->data_len <= buffer + queue->buffers.bytes);
}

static inline int queue_state(struct psr_queue *queue)
{
	return atomic_load(&queue->state);
}

#endif /* QUEUE_H */
