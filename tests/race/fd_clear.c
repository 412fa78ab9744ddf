/* SPDX-License-Identifier: MIT */
/*
 * psr_queue_wait(queue, 0) makes the descriptor unreadable, whoever wrote it
 * and when: an ingest thread that saw the consumer's bell armed may strike it
 * after the consumer has found the views by itself. A wake-up for nothing may
 * come once; a level-triggered loop must not spin on it.
 */
#include "test.h"

#include <poll.h>
#include <stdio.h>

#define ROUNDS 100u

static bool is_readable(const struct psr_queue *queue)
{
	struct pollfd pollfd = { .fd = psr_queue_fd(queue), .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1;
}

/* A strike that comes late, as bell_ring makes it. */
static void check_late_strike(struct psr_queue *queue)
{
	bell_strike(&queue->consumer);
	CHECK(psr_queue_wait(queue, 0) == 0, "nothing was sent");
	if (is_readable(queue))
		CHECK(psr_queue_wait(queue, 0) == 0, "nothing was sent");
	CHECK(!is_readable(queue), "a level-triggered loop spins");
}

static void run(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_FD_CLEAR);
	struct psr_config config = test_config(MCGROUP_FD_CLEAR);
	struct psr_queue *queue;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	psr = test_open(&config);
	queue = psr_queue(psr, 0);
	test_start(psr);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		check_late_strike(queue);
		test_sender_send(&sender, 1);
		AWAIT(is_readable(queue), "round %u", round);
		test_expect(queue, round);
	}
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("fd_clear");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		run(&test_modes[i]);
	puts("cleared by the next wait");
	return 0;
}
