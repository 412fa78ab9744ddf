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

int main(void)
{
	test_watch("noise");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		run(&test_modes[i], BUFFERS);
		run(&test_modes[i], 2048);
	}
	puts("the sample and the end were heard");
	return 0;
}
