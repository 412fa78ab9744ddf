/* SPDX-License-Identifier: MIT */
/*
 * An event loop hears of each stop, the first and those after it: with a
 * thread, without one, and on both transports.
 */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#define ROUNDS 10u

static void run_round(struct psr *psr, struct test_sender *sender)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	struct pollfd pollfd = { .fd = psr_queue_fd(queue), .events = POLLIN };
	const struct psr_view *views;
	uint32_t taken = 0;
	int verdict;

	test_start(psr);
	CHECK(psr_queue_wait(queue, 0) == 0, "nothing was sent");
	test_sender_send(sender, 1);
	CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "the sample");
	CHECK(psr_queue_peek(queue, &views) == 1, "one sample");
	psr_queue_release(queue, 1);
	while ((verdict = psr_queue_wait(queue, 0)) == 0 && taken == 0) {
		test_stop(psr);
		taken = 1;
	}
	while (verdict == 0) {
		int ready = poll(&pollfd, 1, GIVE_UP_MS);

		/* The ring of the engine before, see psr_close. */
		CHECK(ready == 1 || (ready < 0 && errno == EINTR),
		      "the stop was not heard");
		verdict = psr_queue_wait(queue, 0);
	}
	CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d", verdict);
}

int main(void)
{
	test_watch("stop_heard: round");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		struct test_sender sender = test_sender_open(MCGROUP_NOISE);
		struct psr_config config = test_config(MCGROUP_NOISE);
		struct psr *psr;

		config.transport = test_modes[i].transport;
		config.ingest_threads = test_modes[i].ingest_threads;
		psr = test_open(&config);
		for (uint32_t round = 0; round < ROUNDS; round++) {
			run_round(psr, &sender);
			test_progress(round);
		}
		psr_close(psr);
		test_sender_close(&sender);
	}
	puts("each stop was heard");
	return 0;
}
