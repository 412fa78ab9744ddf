/* SPDX-License-Identifier: MIT */
/*
 * A BPF ring wakes only for the record that the consumer's position has
 * reached: two peeked, one released, one more sent, and the kernel stays
 * silent. The wait looks for itself, so that the new sample is there at once,
 * beside the one that is kept; once all are released the descriptor tells
 * again. The kept view stays what it was.
 */
#include "test.h"

#include <poll.h>
#include <stdio.h>

#define ROUNDS 1000u

/* Waits until @count views are out, the first of them number @first. */
static const struct psr_view *expect_views(struct psr_queue *queue,
					   uint32_t first, uint32_t count)
{
	const struct psr_view *views;

	AWAIT(psr_queue_wait(queue, GIVE_UP_MS) == 1 &&
		      psr_queue_peek(queue, &views) == count,
	      "%u views from number %u", count, first);
	for (uint32_t i = 0; i < count; i++)
		CHECK(views[i].group_seq == first + i, "%u is not %u",
		      views[i].group_seq, first + i);
	test_check_views(views, count);
	return views;
}

static void keep_one(struct psr_queue *queue, struct test_sender *sender)
{
	struct pollfd pollfd = { .fd = psr_queue_fd(queue), .events = POLLIN };
	const uint32_t first = sender->sent;
	const struct psr_view *kept;

	test_sender_send(sender, 2);
	kept = expect_views(queue, first, 2) + 1;
	psr_queue_release(queue, 1);
	test_sender_send(sender, 1);
	expect_views(queue, first + 1, 2);
	/* Nothing of what is out is given back. */
	test_check_views(kept, 1);
	psr_queue_release(queue, 2);
	CHECK(psr_queue_wait(queue, 0) == 0, "not empty");
	test_sender_send(sender, 1);
	CHECK(poll(&pollfd, 1, GIVE_UP_MS) == 1, "sample %u", first + 3);
	test_expect(queue, first + 3);
}

/* As many as the ring holds pass, so that what is given back is used again. */
int main(void)
{
	struct test_sender sender = test_sender_open(MCGROUP_KEEP_ONE);
	struct psr_config config = test_config(MCGROUP_KEEP_ONE);
	struct psr_stats stats;
	struct psr *psr;

	test_watch("keep_one: round");
	config.transport = PSR_TRANSPORT_BPF;
	config.usersock_portid = sender.portid;
	config.buffer_count = 4;
	config.rcvbuf_bytes = 1;
	config.wait_us = 0;
	psr = test_open(&config);
	test_start(psr);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		keep_one(psr_queue(psr, 0), &sender);
		test_progress(round);
	}
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == 0, "more than were sent");
	stats = test_stats(psr);
	CHECK(stats.received == sender.sent && stats.lost_ring == 0 &&
		      stats.left_in_socket == 0 && test_balances(&stats),
	      "received %llu of %u", (unsigned long long)stats.received,
	      sender.sent);
	psr_close(psr);
	test_sender_close(&sender);
	puts("kept and told");
	return 0;
}
