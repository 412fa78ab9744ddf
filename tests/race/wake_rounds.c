/* SPDX-License-Identifier: MIT */
/*
 * Sleep and wake, a million times: a ring of one view, so that each round has
 * both handshakes of bell.h. The consumer sleeps in psr_queue_wait until the
 * push, the ingest side sleeps, stalled, until the release. Both dawdle at
 * random, so that they meet in the middle of each other's going to sleep.
 * queue.c and consumer.c are the real ones; no kernel socket is needed.
 *
 * A lost wake-up shows as a standstill, which the watchdog ends.
 */
#include "test.h"

#include <stdio.h>
#include <sys/eventfd.h>

#define ROUNDS	     (UNDER_TSAN ? 50000u : 500000u)
#define BUFFERS	     1u
#define BUFFER_BYTES 256u
#define DAWDLE_BITS  16u
#define LOOKS	     2000u

struct rounds {
	struct ingest ingest;
	struct psr_queue queue;
	struct psr_view slots[BUFFERS];
	uint64_t seed;
	uint64_t consumer_woken;
	uint64_t ingest_slept;
};

/* As often about one turn as about thousands. */
static void dawdle(uint64_t *seed)
{
	test_dawdle(seed, 1u << test_random(seed, DAWDLE_BITS));
}

/* The producer's part of a turn of ingest.c. */
static void *produce(void *arg)
{
	struct rounds *rounds = arg;
	struct psr_queue *queue = &rounds->queue;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		const struct bell bell = { .fd = queue->stalled.fd };

		for (uint32_t i = round % 2 * LOOKS;
		     i > 0 && queue->free_buffers == 0 &&
		     ring_released(&queue->ring) == 0;
		     i--)
			;
		while (!queue_recycle(queue)) {
			rounds->ingest_slept++;
			bell_clear(&bell);
		}
		dawdle(&rounds->seed);
		ring_next(&queue->ring, 0)->group_seq = round;
		queue->free_buffers--;
		queue->filled = queue->taken = 1;
		rounds->consumer_woken += queue_publish(queue);
	}
	return NULL;
}

static void consume(struct psr_queue *queue, uint64_t seed)
{
	const struct psr_view *views;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t count = 0;
		int verdict;

		for (uint32_t i = round % 4 / 2 * LOOKS; i > 0 && count == 0;
		     i--)
			count = psr_queue_peek(queue, &views);
		verdict = psr_queue_wait(queue, -1);
		count = psr_queue_peek(queue, &views);
		CHECK(verdict == 1, "psr_queue_wait: %d in round %u", verdict,
		      round);
		CHECK(count == 1, "%u views in round %u", count, round);
		CHECK(views[0].group_seq == round, "%u in round %u",
		      views[0].group_seq, round);
		dawdle(&seed);
		psr_queue_release(queue, 1);
		dawdle(&seed);
		test_progress(round);
	}
}

static void set_up(struct rounds *rounds, uint64_t seed)
{
	struct psr_queue *queue = &rounds->queue;

	ring_init(&queue->ring, rounds->slots, BUFFERS);
	CHECK(buffers_init(&queue->buffers, BUFFERS, BUFFER_BYTES, 0) == 0,
	      "no memory");
	queue->ingest = &rounds->ingest;
	queue->resume_buffers = queue->free_buffers = BUFFERS;
	queue->consumer.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	queue->stalled.fd = eventfd(0, EFD_CLOEXEC);
	CHECK(queue->consumer.fd >= 0 && queue->stalled.fd >= 0, "eventfd");
	rounds->seed = seed + 1;
}

int main(int argc, char **argv)
{
	static struct rounds rounds;
	uint64_t seed = test_seed(argc, argv);
	pthread_t producer;

	test_watch("wake_rounds: round");
	set_up(&rounds, seed);
	CHECK(pthread_create(&producer, NULL, produce, &rounds) == 0, "thread");
	consume(&rounds.queue, seed);
	pthread_join(producer, NULL);
	printf("%u rounds: consumer woken %llu times, ingest slept %llu\n",
	       ROUNDS, (unsigned long long)rounds.consumer_woken,
	       (unsigned long long)rounds.ingest_slept);
	buffers_fini(&rounds.queue.buffers);
	close(rounds.queue.consumer.fd);
	close(rounds.queue.stalled.fd);
	return 0;
}
