/* SPDX-License-Identifier: MIT */
/*
 * After psr_open no privilege is needed: the whole process becomes nobody, and
 * start, flow, stop and start again work.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define NOBODY	65534u
#define ENGINES TEST_MODES
#define SAMPLES 100u

static void check_flow(struct psr *psr, struct test_sender *sender,
		       uint32_t flight)
{
	uint32_t first = sender->sent;

	test_start(psr);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		test_sender_send(sender, 1);
		test_expect(psr_queue(psr, 0), first + i);
	}
	test_sender_send(sender, SAMPLES);
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == SAMPLES, "flight %u", flight);
}

int main(void)
{
	struct test_sender senders[ENGINES];
	struct psr *engines[ENGINES];

	test_watch("privileges");
	if (getuid() != 0) {
		puts("not root: there is nothing to drop");
		return 0;
	}
	for (uint32_t i = 0; i < ENGINES; i++) {
		struct psr_config config = test_config(MCGROUP_PRIVILEGES);

		senders[i] = test_sender_open(MCGROUP_PRIVILEGES);
		config.transport = test_modes[i].transport;
		config.ingest_threads = test_modes[i].ingest_threads;
		config.usersock_portid = senders[i].portid;
		engines[i] = test_open(&config);
	}
	CHECK(setresgid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	CHECK(setuid(0) != 0, "root again");
	for (uint32_t i = 0; i < ENGINES; i++) {
		for (uint32_t flight = 0; flight < 3; flight++)
			check_flow(engines[i], &senders[i], flight);
		psr_close(engines[i]);
		test_sender_close(&senders[i]);
		test_progress(i + 1);
	}
	puts("works without privileges");
	return 0;
}
