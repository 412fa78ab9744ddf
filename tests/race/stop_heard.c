/* SPDX-License-Identifier: MIT */
/*
 * An event loop hears of each stop, the first and those after it: with a
 * thread, without one, and on both transports.
 */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#define ROUNDS	   5u
#define SETTLED_MS 20

static void run_round(struct psr *psr)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	struct pollfd pollfd = { .fd = psr_queue_fd(queue), .events = POLLIN };
	int verdict;

	test_start(psr);
	/* What is left of the start is no stop that is heard. */
	do {
		CHECK(psr_queue_wait(queue, 0) == 0, "nothing was sent");
	} while (poll(&pollfd, 1, SETTLED_MS) == 1);
	test_stop(psr);
	do {
		int ready = poll(&pollfd, 1, GIVE_UP_MS);

		/* The ring of the engine before, see psr_close. */
		CHECK(ready == 1 || (ready < 0 && errno == EINTR),
		      "the stop was not heard");
		verdict = psr_queue_wait(queue, 0);
	} while (verdict == 0);
	CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d", verdict);
}

int main(void)
{
	test_watch("stop_heard: round");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		struct psr_config config = test_config(MCGROUP_NOISE);
		struct psr *psr;

		config.transport = test_modes[i].transport;
		config.ingest_threads = test_modes[i].ingest_threads;
		psr = test_open(&config);
		for (uint32_t round = 0; round < ROUNDS; round++) {
			run_round(psr);
			test_progress(round);
		}
		psr_close(psr);
	}
	puts("each stop was heard");
	return 0;
}
