/* SPDX-License-Identifier: MIT */
/*
 * The consumer's side of a queue: peek, release, wait.
 *
 * With an ingest thread these touch only the ring, and the bells when one side
 * sleeps. Without one (ingest_threads 0) the consumer takes the turns itself,
 * and sleeps where the ingest thread would.
 */
#include "clock.h"
#include "ingest.h"

#include <errno.h>
#include <poll.h>

uint32_t psr_queue_peek(struct psr_queue *queue,
			const struct psr_view **ret_views)
{
	uint32_t count = ring_peek(&queue->ring, ret_views);

	if (count > 0 || !queue->ingest->consumer_drives)
		return count;
	(void)ingest_turn(queue->ingest, 0);
	return ring_peek(&queue->ring, ret_views);
}

/* Up to the record of the oldest view that is still out. */
static void release_records(struct psr_queue *queue, uint32_t head)
{
	struct ring *ring = &queue->ring;

	if (ring_count(ring) == 0)
		ringbuf_release(&queue->ringbuf, queue->ringbuf.next);
	else
		ringbuf_release_before(
			&queue->ringbuf,
			ring->slots[head & ring->mask].private_id);
}

void psr_queue_release(struct psr_queue *queue, uint32_t count)
{
	uint64_t delivered = counter_read(&queue->delivered);
	uint32_t head, resume_at;

	/* (K) Before the head: pairs with (L) in ledger.c. */
	atomic_store_explicit(&queue->delivered, delivered + count,
			      memory_order_release);
	head = ring_release(&queue->ring, count);
	if (queue->ringbuf.data)
		release_records(queue, head);
	if (!bell_is_armed(&queue->stalled))
		return;
	resume_at =
		atomic_load_explicit(&queue->resume_at, memory_order_relaxed);
	if ((int32_t)(head - resume_at) >= 0)
		(void)bell_ring(&queue->stalled);
}

/* 1: views, 0: none yet, negative: none any more. */
static int consumer_look(struct psr_queue *queue)
{
	/* (S) Before the ring: the last push precedes the end. */
	int state = queue_state(queue);

	if (ring_count(&queue->ring) > 0)
		return 1;
	return state < 0 ? state : 0;
}

static int64_t deadline_of(int timeout_ms)
{
	return clock_now_ns() +
	       (timeout_ms < 0 ? FOREVER_NS : timeout_ms * NS_PER_MS);
}

/* After a wait of 0: the descriptor may be readable, or become so. */
static void consumer_clear(struct psr_queue *queue)
{
	if (!queue->fd_armed)
		return;
	queue->fd_armed = false;
	bell_disarm(&queue->consumer);
	/* A strike may also come late, from a bell that was disarmed since. */
	bell_clear(&queue->consumer);
}

/* False: timeout or signal. */
static bool consumer_sleep(struct psr_queue *queue, int64_t deadline_ns)
{
	int err = bell_sleep(&queue->consumer, deadline_ns);

	/* Woken for nothing, it is armed still. */
	bell_disarm(&queue->consumer);
	return err == 0;
}

static int consumer_wait(struct psr_queue *queue, int timeout_ms)
{
	int64_t deadline_ns = timeout_ms == 0 ? 0 : deadline_of(timeout_ms);
	int verdict;

	consumer_clear(queue);
	do {
		verdict = consumer_look(queue);
		if (verdict)
			return verdict;
		bell_arm(&queue->consumer,
			 timeout_ms == 0 ? BELL_DESCRIPTOR : BELL_FUTEX);
		verdict = consumer_look(queue);
		if (verdict) {
			bell_disarm(&queue->consumer);
			return verdict;
		}
		if (timeout_ms == 0) {
			queue->fd_armed = true;
			return 0;
		}
	} while (consumer_sleep(queue, deadline_ns));
	return 0;
}

/* A look, and a turn: nobody else takes it. */
static int consumer_turn(struct psr_queue *queue, int64_t left_ns)
{
	int verdict = consumer_look(queue);

	/* While views are out, more may have come: peek shows it. */
	if (verdict == 1 && queue->ingest->transport == PSR_TRANSPORT_BPF)
		verdict = ingest_turn(queue->ingest, 0);
	else if (!verdict)
		verdict = ingest_turn(queue->ingest, left_ns);
	return verdict ? verdict : consumer_look(queue);
}

/* Without an ingest thread: the consumer takes the turns. */
static int consumer_drive(struct psr_queue *queue, int timeout_ms)
{
	struct ingest *ingest = queue->ingest;
	int64_t left_ns = timeout_ms < 0 ? FOREVER_NS : timeout_ms * NS_PER_MS;
	int64_t deadline_ns = timeout_ms == 0 ? 0 : clock_now_ns() + left_ns;
	int verdict;

	/* Before the turn: what it does not see makes it readable again. */
	if (queue->fd_armed)
		bell_clear(&queue->consumer);
	queue->fd_armed = false;
	do {
		verdict = consumer_turn(queue, left_ns);
		if (verdict)
			return verdict;
		if (timeout_ms != 0)
			left_ns = deadline_ns - clock_now_ns();
	} while (left_ns > 0 && !ingest->interrupted);
	queue->fd_armed = timeout_ms == 0;
	/* More to look at, of which no edge will tell: noise, or the end. */
	if (ingest->backlog || queue_state(queue) > 0)
		ingest_call_driver(ingest);
	return 0;
}

int psr_queue_wait(struct psr_queue *queue, int timeout_ms)
{
	if (!queue->ingest->consumer_drives)
		return consumer_wait(queue, timeout_ms);
	return consumer_drive(queue, timeout_ms);
}

/*
 * Looks at all queues, and arms those that are empty. Returns 1 if one has
 * views, 0 if all are armed or over, with their number in *@ret_open.
 */
static int arm_any(struct psr_queue *const *queues, uint32_t count,
		   struct pollfd *ret_pollfds, uint32_t *ret_open)
{
	uint32_t open = 0;
	int verdict;

	for (uint32_t i = 0; i < count; i++)
		if (ring_count(&queues[i]->ring) > 0)
			return 1;
	for (uint32_t i = 0; i < count; i++) {
		verdict = psr_queue_wait(queues[i], 0);
		if (verdict == -ESHUTDOWN)
			continue;
		if (verdict)
			return verdict;
		ret_pollfds[open].fd = psr_queue_fd(queues[i]);
		ret_pollfds[open++].events = POLLIN;
	}
	*ret_open = open;
	return 0;
}

/* A look has left something to do, or there is to be no sleep: as in a turn. */
static bool is_restless(struct psr_queue *queue)
{
	const struct ingest *ingest = queue->ingest;
	int state = queue_state(queue);

	return ingest->consumer_drives && state >= 0 &&
	       (ingest->busy_poll || ingest->backlog || !queue->armed ||
		state > 0);
}

/*
 * Consumers that drive their queues sleep at the pace at which an ingest thread
 * would. *@ret_pacer is the first of them, or NULL. Returns whether to sleep.
 */
static bool may_sleep(struct psr_queue *const *queues, uint32_t count,
		      struct ingest **ret_pacer)
{
	*ret_pacer = NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (is_restless(queues[i]))
			return false;
		if (!*ret_pacer && queues[i]->ingest->consumer_drives)
			*ret_pacer = queues[i]->ingest;
	}
	return true;
}

/* Until one of the armed descriptors is readable. False: timeout or signal. */
static bool sleep_any(struct ingest *pacer, struct pollfd *pollfds,
		      uint32_t count, int64_t left_ns)
{
	int ready;

	if (pacer)
		left_ns = ingest_pace(pacer, left_ns);
	ready = poll(pollfds, count, clock_ms(left_ns));
	if (pacer)
		ingest_woken(pacer);
	return ready > 0;
}

static bool has_null(struct psr_queue *const *queues, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!queues[i])
			return true;
	return false;
}

int psr_wait_any(struct psr_queue *const *queues, uint32_t count,
		 int timeout_ms)
{
	struct pollfd pollfds[PSR_QUEUES_MAX];
	struct ingest *pacer;
	int64_t deadline_ns, left_ns;
	uint32_t open;
	int verdict;

	if (!queues || count == 0 || count > PSR_QUEUES_MAX ||
	    has_null(queues, count))
		return -EINVAL;
	if (count == 1)
		return psr_queue_wait(queues[0], timeout_ms);

	deadline_ns = timeout_ms == 0 ? 0 : deadline_of(timeout_ms);
	do {
		verdict = arm_any(queues, count, pollfds, &open);
		if (verdict)
			return verdict;
		if (open == 0)
			return -ESHUTDOWN;
		left_ns = timeout_ms == 0 ? 0 : deadline_ns - clock_now_ns();
		if (left_ns <= 0)
			return 0;
	} while (!may_sleep(queues, count, &pacer) ||
		 sleep_any(pacer, pollfds, open, left_ns));
	return 0;
}

/*
 * Without a thread it is what the kernel signals: the eventfd that io_uring
 * knows (receive_uring.c), or the epoll of the socket or BPF ring.
 */
int psr_queue_fd(const struct psr_queue *queue)
{
	if (!queue->ingest->consumer_drives ||
	    queue->ingest->transport == PSR_TRANSPORT_URING)
		return queue->consumer.fd;
	return queue->ingest->wait_fd;
}
