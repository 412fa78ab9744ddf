/* SPDX-License-Identifier: MIT */
/*
 * Datagrams that are no samples, many of them before one sample: an event loop
 * hears of the sample, and of the end, though a look into the socket brought
 * no view. Nothing received is lost because of a bad neighbour.
 */
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#define NOISE	1000u
#define BUFFERS 16u

/* By turns a message of no family of ours, and one with a wrong length. */
static void send_noise(const struct test_sender *sender, uint32_t count)
{
	struct nlmsghdr message = {
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_pid = sender->portid,
	};

	for (uint32_t i = 0; i < count; i++) {
		message.nlmsg_len = sizeof(message) * (1 + i % 2);
		test_sender_send_raw(sender, &message, sizeof(message));
	}
}

/* An event loop: looks, and sleeps on the descriptor when there is nothing. */
static int loop_until(struct psr_queue *queue)
{
	struct pollfd pollfd = { .fd = psr_queue_fd(queue), .events = POLLIN };
	int verdict;

	while ((verdict = psr_queue_wait(queue, 0)) == 0)
		CHECK(poll(&pollfd, 1, GIVE_UP_MS) == 1,
		      "%s, %u ingest threads: received %" PRIu64 ", asleep",
		      test_transport_name(queue->ingest->transport),
		      queue->ingest->has_thread,
		      test_queue_stats(queue).received);
	return verdict;
}

static void run(const struct test_mode *mode, uint32_t buffer_count)
{
	struct test_sender sender = test_sender_open(MCGROUP_NOISE);
	struct psr_config config = test_config(MCGROUP_NOISE);
	struct psr_stats stats;
	struct psr_queue *queue;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	config.buffer_count = buffer_count;
	psr = test_open(&config);
	queue = psr_queue(psr, 0);
	test_start(psr);
	send_noise(&sender, NOISE);
	test_sender_send(&sender, 1);
	CHECK(loop_until(queue) == 1, "the sample");
	test_expect(queue, 0);

	send_noise(&sender, NOISE);
	test_stop(psr);
	CHECK(loop_until(queue) == -ESHUTDOWN, "the end");
	stats = test_queue_stats(queue);
	CHECK(stats.malformed == NOISE && stats.foreign == NOISE &&
		      stats.delivered == 1 && test_balances(&stats),
	      "malformed %" PRIu64 ", foreign %" PRIu64, stats.malformed,
	      stats.foreign);
	psr_close(psr);
	test_sender_close(&sender);
	test_progress(buffer_count);
}

/* Two queues at once: with a second to a wake-up, each would be too many. */
static void run_any(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_NOISE);
	struct psr_config config = test_config(MCGROUP_NOISE);
	struct psr_queue *queues[2];
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = 0;
	config.queue_count = 2;
	config.usersock_portid = sender.portid;
	config.buffer_count = BUFFERS;
	config.wait_us = PSR_WAIT_US_MAX;
	psr = test_open(&config);
	queues[0] = psr_queue(psr, 0);
	queues[1] = psr_queue(psr, 1);
	test_start(psr);
	send_noise(&sender, 2 * NOISE);
	test_sender_send(&sender, 1);
	CHECK(psr_wait_any(queues, 2, GIVE_UP_MS) == 1, "the sample");
	test_expect(queues[0], 0);

	send_noise(&sender, 2 * NOISE);
	test_stop(psr);
	CHECK(psr_wait_any(queues, 2, GIVE_UP_MS) == -ESHUTDOWN, "the end");
	psr_close(psr);
	test_sender_close(&sender);
	test_progress(2);
}

struct flood {
	struct test_sender sender;
	_Atomic(bool) over;
};

static void *flood_run(void *arg)
{
	struct flood *flood = arg;

	while (!atomic_load(&flood->over))
		send_noise(&flood->sender, 2);
	return NULL;
}

/* The noise does not end before the wait does. */
static void run_timeout(const struct test_mode *mode)
{
	struct flood flood = { .sender = test_sender_open(MCGROUP_NOISE) };
	struct psr_config config = test_config(MCGROUP_NOISE);
	struct psr_queue *queues[2];
	pthread_t thread;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = 0;
	config.queue_count = 2;
	config.usersock_portid = flood.sender.portid;
	config.buffer_count = 1;
	psr = test_open(&config);
	queues[0] = psr_queue(psr, 0);
	queues[1] = psr_queue(psr, 1);
	test_start(psr);
	CHECK(!pthread_create(&thread, NULL, flood_run, &flood), "a thread");
	CHECK(psr_wait_any(queues, 2, 100) == 0, "no timeout");
	atomic_store(&flood.over, true);
	pthread_join(thread, NULL);
	psr_close(psr);
	test_sender_close(&flood.sender);
	test_progress(3);
}

/* Who polls busily never sleeps, so nothing ever wakes it. */
static void run_busy(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_NOISE);
	struct psr_queue *queues[2];
	struct psr_stats stats;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = 0;
	config.queue_count = 2;
	config.busy_poll = 1;
	psr = test_open(&config);
	queues[0] = psr_queue(psr, 0);
	queues[1] = psr_queue(psr, 1);
	test_start(psr);
	CHECK(psr_wait_any(queues, 2, 20) == 0, "no timeout");
	psr_stats(psr, &stats);
	CHECK(stats.wakeups == 0, "%" PRIu64, stats.wakeups);
	psr_close(psr);
	test_progress(4);
}

int main(void)
{
	test_watch("noise");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		run(&test_modes[i], BUFFERS);
		run(&test_modes[i], 2048);
		if (test_modes[i].ingest_threads > 0)
			continue;
		run_any(&test_modes[i]);
		run_timeout(&test_modes[i]);
		run_busy(&test_modes[i]);
	}
	puts("the sample and the end were heard");
	return 0;
}
