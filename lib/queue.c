/* SPDX-License-Identifier: MIT */
/*
 * The ingest side of a queue: the hot path in the order in which a sample
 * takes it. A turn of ingest.c recycles, receives, accepts, publishes.
 */
#include "queue.h"
#include "decode.h"
#include "thin.h"

/*
 * A stalled queue goes on when an eighth of its buffers is free: a consumer
 * that releases its views one by one costs 8 wake-ups a ring, not one each.
 */
static bool queue_stall(struct psr_queue *queue)
{
	atomic_store_explicit(&queue->resume_at,
			      queue->ring.reaped + queue->resume_buffers -
				      queue->free_buffers,
			      memory_order_relaxed);
	bell_arm(&queue->stalled, BELL_DESCRIPTOR);
	if (queue->free_buffers + ring_released(&queue->ring) <
	    queue->resume_buffers)
		return true;
	bell_disarm(&queue->stalled);
	return false;
}

static void queue_reap(struct psr_queue *queue)
{
	uint32_t count = ring_released(&queue->ring);

	queue->free_buffers += count;
	if (!queue->buffers.ring) {
		/* Records went back when their views were released. */
		ring_reap_all(&queue->ring, count);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		buffers_give(&queue->buffers,
			     ring_reap(&queue->ring)->private_id, i);
	buffers_publish(&queue->buffers, count);
}

bool queue_recycle(struct psr_queue *queue)
{
	queue_reap(queue);
	if (queue->armed || queue->free_buffers >= queue->resume_buffers)
		return true;
	if (queue_stall(queue))
		return false;
	queue_reap(queue);
	return true;
}

static void queue_return_buffer(struct psr_queue *queue, uint32_t buffer_id)
{
	queue->free_buffers++;
	if (!queue->buffers.ring)
		return;
	buffers_give(&queue->buffers, buffer_id, 0);
	buffers_publish(&queue->buffers, 1);
}

static void queue_count_sample(struct psr_queue *queue,
			       const struct psr_view *view, size_t trailing)
{
	if (view->fields & PSR_FIELD_TRUNCATED)
		counter_add(&queue->truncated, 1);
	if (view->fields & PSR_FIELD_USERSPACE)
		counter_add(&queue->userspace, 1);
	if (trailing)
		counter_add(&queue->trailing, trailing);
	if (sequence_add(queue->sequences, view))
		counter_add(&queue->evicted, 1);
}

void queue_accept(struct psr_queue *queue, uint32_t buffer_id, size_t len)
{
	struct psr_view *view = ring_next(&queue->ring, queue->filled);
	const struct datagram datagram = {
		.bytes = buffers_at(&queue->buffers, buffer_id),
		.len = len,
		.capacity = queue->buffers.bytes,
	};
	enum decode_verdict verdict;
	size_t trailing;

	queue->taken++;
	queue->taken_bytes += len;
	queue->free_buffers--;
	view->private_id = buffer_id;
	verdict = decode(
		&datagram,
		atomic_load_explicit(&queue->families, memory_order_relaxed),
		view, &trailing);
	if (verdict == DECODE_SAMPLE) {
		assert(queue_holds(queue, view));
		view->nsid = queue->nsid;
		if (queue->thin > 1)
			thin_view(view, queue->thin);
		queue->filled++;
		queue_count_sample(queue, view, trailing);
		return;
	}
	counter_add(verdict == DECODE_FOREIGN ? &queue->foreign
					      : &queue->malformed,
		    1);
	queue_return_buffer(queue, buffer_id);
}

static void queue_refuse(struct psr_queue *queue, uint32_t buffer_id,
			 size_t len)
{
	queue->taken++;
	queue->taken_bytes += len;
	queue->free_buffers--;
	counter_add(&queue->foreign, 1);
	counter_add(&queue->forged, 1);
	queue_return_buffer(queue, buffer_id);
}

void queue_disarm(struct psr_queue *queue)
{
	queue->armed = false;
	counter_add(&queue->stalls, 1);
}

/* A datagram, which is the usual case, or what came in the place of one. */
int queue_take(struct psr_queue *queue, const struct completion *completion)
{
	bool datagram =
		completion->result >= 0 && completion->buffer_id != NO_BUFFER;

	if (datagram && !completion->forged) {
		queue->nsid = completion->nsid;
		queue_accept(queue, completion->buffer_id,
			     (size_t)completion->result);
	} else if (datagram)
		queue_refuse(queue, completion->buffer_id,
			     (size_t)completion->result);
	else if (completion->result == -ENOBUFS)
		queue_disarm(queue);
	else
		return completion->result < 0 ? completion->result : -EIO;
	return 0;
}

static uint32_t bucket_of(uint32_t count)
{
	uint32_t bucket = 31 - (uint32_t)__builtin_clz(count);

	return bucket < PSR_BATCH_BUCKETS ? bucket : PSR_BATCH_BUCKETS - 1;
}

uint32_t queue_publish(struct psr_queue *queue)
{
	uint32_t filled = queue->filled;

	if (queue->taken == 0)
		return 0;
	counter_add(&queue->received, queue->taken);
	counter_add(&queue->bytes, queue->taken_bytes);
	counter_add(&queue->batches[bucket_of(queue->taken)], 1);
	queue->taken = 0;
	queue->taken_bytes = 0;
	if (filled == 0)
		return 0;
	queue->filled = 0;
	ring_push(&queue->ring, filled);
	return bell_ring(&queue->consumer);
}

void queue_note_backlog(struct psr_queue *queue, uint64_t bytes)
{
	uint64_t peak = atomic_load_explicit(&queue->backlog_peak,
					     memory_order_relaxed);

	while (bytes > peak &&
	       !atomic_compare_exchange_weak_explicit(
		       &queue->backlog_peak, &peak, bytes, memory_order_relaxed,
		       memory_order_relaxed))
		;
}

void queue_release_noise(struct psr_queue *queue)
{
	struct ringbuf *ringbuf = &queue->ringbuf;

	if (ring_count(&queue->ring) == 0 && ringbuf->released != ringbuf->next)
		ringbuf_release(ringbuf, ringbuf->next);
}

void queue_set_family(struct psr_queue *queue, uint16_t family)
{
	uint32_t families =
		atomic_load_explicit(&queue->families, memory_order_relaxed);

	if ((uint16_t)families != family)
		atomic_store_explicit(&queue->families, families << 16 | family,
				      memory_order_relaxed);
}

uint32_t queue_end_drained(struct psr_queue *queue)
{
	int stop = queue->drained;

	/* (S) Unless psr_start stepped in: then it goes on. */
	(void)atomic_compare_exchange_strong(&queue->state, &stop, QUEUE_ENDED);
	return bell_ring(&queue->consumer);
}

uint32_t queue_fail(struct psr_queue *queue, int err)
{
	/* (S) */
	atomic_store(&queue->state, err);
	return bell_ring(&queue->consumer);
}
