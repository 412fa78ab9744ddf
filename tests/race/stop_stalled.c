/* SPDX-License-Identifier: MIT */
/*
 * A queue that is stalled when it is stopped, started and stopped once more
 * still delivers what its socket holds: it ends when the socket is empty now,
 * not because it was before.
 */
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#define BUFFERS 16u
#define SAMPLES (2 * BUFFERS) /* half in the buffers, half in the socket */
#define LATE	10u
#define ROUNDS	50u

/* Stalled, stopped, and the socket was empty when it was last looked at. */
static void stop_stalled(struct psr *psr, struct test_sender *sender)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	uint64_t stalls = test_queue_stats(queue).stalls;
	const struct psr_view *views;
	uint32_t count = 0;

	test_start(psr);
	test_sender_send(sender, SAMPLES);
	AWAIT(test_queue_stats(queue).stalls > stalls, "the first stall");
	test_stop(psr);
	while (count < BUFFERS) {
		uint32_t ready = psr_queue_peek(queue, &views);

		/* Over the end of the ring some of the second half may follow. */
		if (ready > BUFFERS - count)
			ready = BUFFERS - count;
		test_check_views(views, ready);
		psr_queue_release(queue, ready);
		count += ready;
	}
	AWAIT(test_queue_stats(queue).pending == BUFFERS, "the second half");
}

static void run_round(struct psr *psr, struct test_sender *sender,
		      uint32_t round)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	uint64_t drained, wakeups;

	stop_stalled(psr, sender);
	test_start(psr);
	test_sender_send(sender, LATE);
	wakeups = test_queue_stats(queue).wakeups;
	test_stop(psr);
	AWAIT(test_queue_stats(queue).wakeups > wakeups, "the stop wakes");
	drained = test_drain(queue);
	CHECK(drained == BUFFERS + LATE,
	      "round %u: %" PRIu64 " of %u samples before -ESHUTDOWN", round,
	      drained, BUFFERS + LATE);
}

static void run(enum psr_transport transport)
{
	struct test_sender sender = test_sender_open(MCGROUP_STOP_STALLED);
	struct psr_config config = test_config(MCGROUP_STOP_STALLED);
	struct psr_stats stats;
	struct psr *psr;

	config.transport = transport;
	config.usersock_portid = sender.portid;
	config.buffer_count = BUFFERS;
	psr = test_open(&config);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		run_round(psr, &sender, round);
		test_progress(round);
	}
	stats = test_stats(psr);
	CHECK(stats.received == sender.sent && test_balances(&stats),
	      "received %" PRIu64 " of %u", stats.received, sender.sent);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("stop_stalled: round");
	run(PSR_TRANSPORT_URING);
	run(PSR_TRANSPORT_RECVMMSG);
	puts("what was queued was delivered");
	return 0;
}
