/* SPDX-License-Identifier: MIT */
/*
 * The books read at any moment: a queue of few slots, filled and drained as
 * fast as can be, while others read its statistics. 0 <= pending <= slots, and
 * neither received nor delivered ever goes back. A signal stops the consumer
 * wherever it is, for long enough that the others get far. No kernel socket is
 * needed.
 */
#include "test.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#define SAMPLES	     (UNDER_TSAN ? 20000u : 100000u)
#define BUFFERS	     64u
#define BUFFER_BYTES 256u

struct books {
	struct ingest ingest;
	struct psr_queue queue;
	struct psr_view slots[BUFFERS];
	pthread_t consumer;
	_Atomic(bool) over;
};

static _Atomic(uint32_t) disturbed;

static void dawdle(int signal_number)
{
	uint64_t seed = (uint64_t)signal_number;

	for (uint32_t i = 0; i < 10; i++) {
		test_dawdle(&seed, 5000);
		test_yield();
	}
	disturbed++;
}

/* Leaves the consumer some time between two signals. */
static void *disturb(void *arg)
{
	struct books *books = arg;

	for (uint32_t sent = 0; !atomic_load(&books->over);) {
		if (disturbed == sent) {
			pthread_kill(books->consumer, SIGUSR1);
			sent++;
		}
		clock_sleep_until(clock_now_ns() + 200 * NS_PER_US);
	}
	return NULL;
}

/* Without bells: it looks again and again. */
static void *produce(void *arg)
{
	struct books *books = arg;
	struct psr_queue *queue = &books->queue;
	uint32_t sent = 0;

	while (sent < SAMPLES) {
		queue->armed = true;
		(void)queue_recycle(queue);
		if (queue->free_buffers == 0)
			test_yield();
		for (; queue->free_buffers > 0 && sent < SAMPLES; sent++) {
			ring_next(&queue->ring, queue->filled++)->group_seq =
				sent;
			queue->free_buffers--;
		}
		queue->taken = queue->filled;
		(void)queue_publish(queue);
	}
	return NULL;
}

static void *read_books(void *arg)
{
	struct books *books = arg;
	struct psr_stats last = { 0 }, stats;

	while (!atomic_load(&books->over)) {
		stats = test_queue_stats(&books->queue);
		CHECK(stats.pending <= BUFFERS,
		      "pending %" PRIu64 " of %u, delivered %" PRIu64,
		      stats.pending, BUFFERS, stats.delivered);
		CHECK(stats.received >= last.received &&
			      stats.delivered >= last.delivered,
		      "received %" PRIu64 " after %" PRIu64, stats.received,
		      last.received);
		last = stats;
	}
	return NULL;
}

static void consume(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t taken = 0;

	while (taken < SAMPLES) {
		uint32_t count = psr_queue_peek(queue, &views);

		if (count == 0)
			continue;
		psr_queue_release(queue, 1);
		taken++;
		test_progress(taken);
	}
}

int main(void)
{
	static struct books books;
	struct psr_queue *queue = &books.queue;
	pthread_t producer, reader, disturber;
	struct psr_stats stats;

	test_watch("ledger_race: samples");
	ring_init(&queue->ring, books.slots, BUFFERS);
	CHECK(buffers_init(&queue->buffers, BUFFERS, BUFFER_BYTES, 0) == 0,
	      "no memory");
	queue->ingest = &books.ingest;
	queue->resume_buffers = queue->free_buffers = BUFFERS;
	queue->fd = queue->consumer.fd = queue->stalled.fd = -1;
	books.consumer = pthread_self();
	CHECK(signal(SIGUSR1, dawdle) != SIG_ERR, "signal");
	CHECK(pthread_create(&reader, NULL, read_books, &books) == 0, "thread");
	CHECK(pthread_create(&disturber, NULL, disturb, &books) == 0, "thread");
	CHECK(pthread_create(&producer, NULL, produce, &books) == 0, "thread");
	consume(queue);
	pthread_join(producer, NULL);
	atomic_store(&books.over, true);
	pthread_join(reader, NULL);
	pthread_join(disturber, NULL);
	stats = test_queue_stats(queue);
	CHECK(test_balances(&stats) && stats.pending == 0,
	      "received %" PRIu64 ", delivered %" PRIu64, stats.received,
	      stats.delivered);
	buffers_fini(&queue->buffers);
	puts("within the ring at every moment");
	return 0;
}
