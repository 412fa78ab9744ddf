/* SPDX-License-Identifier: MIT */
/*
 * Sleep and wake through the kernel: one sample is sent only after the last
 * was released, so that ingest and consumer sleep between any two of them.
 * Each transport, with an ingest thread and without. A lost wake-up shows as
 * a sample that does not come.
 */
#include "test.h"

#include <stdio.h>

#define ROUNDS	(UNDER_TSAN ? 10000u : 20000u)
#define PACED	500u /* rounds that each take wait_us */
#define DAWDLE	20000u
#define PACE_US 200u

struct ping_pong {
	struct test_sender sender;
	uint32_t rounds;
	uint64_t seed;
	_Atomic(uint32_t) answered;
};

static void *send_rounds(void *arg)
{
	struct ping_pong *ping_pong = arg;

	for (uint32_t round = 0; round < ping_pong->rounds; round++) {
		while (atomic_load(&ping_pong->answered) != round)
			test_yield();
		test_dawdle(&ping_pong->seed, DAWDLE);
		test_sender_send(&ping_pong->sender, 1);
	}
	return NULL;
}

static void run(const struct test_mode *mode, uint32_t wait_us, uint64_t seed)
{
	struct psr_config config = test_config(MCGROUP_WAKE_ROUNDS);
	struct ping_pong ping_pong = {
		.sender = test_sender_open(MCGROUP_WAKE_ROUNDS),
		.rounds = wait_us ? PACED : ROUNDS,
		.seed = seed,
	};
	struct psr_stats stats;
	pthread_t thread;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = ping_pong.sender.portid;
	config.wait_us = wait_us;
	psr = test_open(&config);
	test_start(psr);
	CHECK(pthread_create(&thread, NULL, send_rounds, &ping_pong) == 0,
	      "thread");
	for (uint32_t round = 0; round < ping_pong.rounds; round++) {
		test_expect(psr_queue(psr, 0), round);
		atomic_store(&ping_pong.answered, round + 1);
		test_progress(round);
	}
	pthread_join(thread, NULL);
	stats = test_stats(psr);
	CHECK(stats.received == ping_pong.rounds && test_balances(&stats),
	      "received %llu of %u", (unsigned long long)stats.received,
	      ping_pong.rounds);
	printf("%s, %u ingest threads, wait_us %u: %u rounds, %llu wake-ups\n",
	       test_transport_name(mode->transport), mode->ingest_threads,
	       wait_us, ping_pong.rounds, (unsigned long long)stats.wakeups);
	psr_close(psr);
	test_sender_close(&ping_pong.sender);
}

int main(int argc, char **argv)
{
	uint64_t seed = test_seed(argc, argv);

	test_watch("wake_engine: round");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		run(&test_modes[i], 0, seed);
		run(&test_modes[i], PACE_US, seed);
	}
	return 0;
}
