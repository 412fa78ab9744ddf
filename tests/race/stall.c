/* SPDX-License-Identifier: MIT */
/*
 * The stall: the consumer holds every buffer, then lets go.
 *
 * - Drained, silence, one sample: it arrives.
 * - Released one by one, a ring costs 8 wake-ups, not one for each view.
 * - A queue that stalls does not hold up its neighbour on the same thread.
 */
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#define BUFFERS 16u
#define ROUNDS	200u

static struct psr_config stall_config(const struct test_mode *mode,
				      const struct test_sender *sender)
{
	struct psr_config config = test_config(MCGROUP_STALL);

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender->portid;
	config.buffer_count = BUFFERS;
	config.wait_us = 100;
	return config;
}

/*
 * Without an ingest thread it is the consumer that finds no buffer left. On a
 * BPF ring nothing stalls: what finds no slot stays there.
 */
static bool is_stalled(struct psr_queue *queue, uint64_t stalls)
{
	(void)psr_queue_wait(queue, 0);
	if (queue->ingest->consumer_drives)
		(void)ingest_turn(queue->ingest, 0);
	if (queue->ingest->transport == PSR_TRANSPORT_BPF)
		return test_queue_stats(queue).pending == BUFFERS;
	return test_queue_stats(queue).stalls > stalls;
}

static void check_arms(struct psr_queue *queue)
{
	struct psr_stats stats = test_queue_stats(queue);

	CHECK(stats.arms <= stats.stalls + 1,
	      "arms %" PRIu64 ", stalls %" PRIu64, stats.arms, stats.stalls);
	CHECK(stats.lost_socket == 0, "lost %" PRIu64, stats.lost_socket);
}

/* Takes @count samples that follow *@number, @batch at a time. */
static void take(struct psr_queue *queue, uint32_t *number, uint32_t count,
		 uint32_t batch)
{
	const uint32_t end = *number + count;
	const struct psr_view *views;
	uint32_t ready;
	int verdict;

	while (*number != end) {
		verdict = psr_queue_wait(queue, GIVE_UP_MS);
		CHECK(verdict == 1, "psr_queue_wait: %d, sample %u", verdict,
		      *number);
		ready = psr_queue_peek(queue, &views);
		if (ready > batch)
			ready = batch;
		for (uint32_t i = 0; i < ready; i++)
			CHECK(views[i].group_seq == *number + i, "%u is not %u",
			      views[i].group_seq, *number + i);
		test_check_views(views, ready);
		psr_queue_release(queue, ready);
		*number += ready;
		test_progress(*number);
	}
}

/*
 * More than the buffers hold: the queue stalls with samples in the socket; or
 * exactly what they hold, which uring notices only with the next one.
 */
static void test_drain_then_one(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_STALL);
	struct psr_config config = stall_config(mode, &sender);
	struct psr *psr = test_open(&config);
	struct psr_queue *queue = psr_queue(psr, 0);
	int64_t sent_ns = 0, slowest_ns = 0;
	uint32_t number = 0;

	test_start(psr);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint64_t stalls = test_queue_stats(queue).stalls;

		test_sender_send(&sender, BUFFERS + 1 + round % BUFFERS);
		AWAIT(is_stalled(queue, stalls), "round %u", round);
		take(queue, &number, sender.sent - number, BUFFERS);
		sent_ns = clock_now_ns();
		test_sender_send(&sender, 1);
		take(queue, &number, 1, 1);
		if (clock_now_ns() - sent_ns > slowest_ns)
			slowest_ns = clock_now_ns() - sent_ns;
	}
	check_arms(queue);
	printf("%s, %u ingest threads: the one sample took at most %lld us\n",
	       test_transport_name(mode->transport), mode->ingest_threads,
	       (long long)(slowest_ns / NS_PER_US));
	psr_close(psr);
	test_sender_close(&sender);
}

/* An eighth of the buffers must be free before the ingest thread is woken. */
static void check_patience(struct psr_queue *queue, uint32_t *number,
			   uint32_t eighth)
{
	const struct psr_view *views;

	AWAIT(bell_is_armed(&queue->stalled), "the stall");
	for (uint32_t i = 1; i < eighth; i++) {
		CHECK(psr_queue_peek(queue, &views) > 0, "view %u", i);
		psr_queue_release(queue, 1);
		CHECK(bell_is_armed(&queue->stalled), "woken after %u", i);
	}
	*number += eighth - 1;
}

static void test_one_by_one(const struct test_mode *mode)
{
	const uint32_t rings = 100;
	struct test_sender sender = test_sender_open(MCGROUP_STALL);
	struct psr_config config = stall_config(mode, &sender);
	struct psr_stats stats;
	uint32_t number = 0;
	struct psr *psr;

	config.buffer_count = 64;
	psr = test_open(&config);
	test_start(psr);
	test_sender_send(&sender, rings * config.buffer_count);
	if (mode->ingest_threads > 0)
		check_patience(psr_queue(psr, 0), &number,
			       config.buffer_count / 8);
	take(psr_queue(psr, 0), &number, sender.sent - number, 1);
	check_arms(psr_queue(psr, 0));
	stats = test_stats(psr);
	CHECK(stats.stalls <= 8 * rings + 1, "%" PRIu64 " stalls in %u rings",
	      stats.stalls, rings);
	CHECK(stats.arms <= 8 * rings + 2, "%" PRIu64 " arms in %u rings",
	      stats.arms, rings);
	psr_close(psr);
	test_sender_close(&sender);
}

/* Queue 0 has the even numbers, queue 1 the odd ones. */
static void take_odd(struct psr_queue *queue, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		test_expect(queue, 2 * i + 1);
		test_progress(i);
	}
}

static void test_neighbour(const struct test_mode *mode)
{
	const uint32_t pairs = 2000;
	struct test_sender sender = test_sender_open(MCGROUP_STALL);
	struct psr_config config = stall_config(mode, &sender);
	struct psr_stats stats;
	struct psr *psr;

	config.queue_count = 2;
	psr = test_open(&config);
	test_start(psr);
	test_sender_send(&sender, 2 * pairs);
	take_odd(psr_queue(psr, 1), pairs);
	if (mode->ingest_threads > 0)
		AWAIT(test_queue_stats(psr_queue(psr, 0)).pending == BUFFERS,
		      "the held queue fills");
	for (uint32_t i = 0; i < pairs; i++)
		test_expect(psr_queue(psr, 0), 2 * i);
	check_arms(psr_queue(psr, 0));
	check_arms(psr_queue(psr, 1));
	stats = test_stats(psr);
	CHECK(stats.received == sender.sent && test_balances(&stats),
	      "received %" PRIu64 " of %u", stats.received, sender.sent);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("stall: sample");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		test_drain_then_one(&test_modes[i]);
		test_one_by_one(&test_modes[i]);
		test_neighbour(&test_modes[i]);
	}
	return 0;
}
