/* SPDX-License-Identifier: MIT */
/*
 * psr_stop is exact: with a sender that never pauses, a queue that said
 * -ESHUTDOWN has an empty socket, and it stays empty until psr_start. Without
 * the wait for multicasts under way (socket_await_multicasts) a sample that
 * had passed the old filter comes late: rare where the kernel is not
 * preemptible, so the order of the steps is checked too.
 */
#include "socket.h"
#include "synthetic.h"
#include "test.h"

#include <stdio.h>

#define QUEUES	 2u
#define SENDERS	 2u
#define ROUNDS	 100u
#define LOOKS	 100u /* at the socket after the end */
#define PER_TURN 20u  /* samples before the next stop */

static struct psr *stopping; /* in psr_stop */
static uint32_t awaited;

int __real_socket_await_multicasts(int *fence_fd);
int __wrap_socket_await_multicasts(int *fence_fd);

/* After the filters, before any queue may end. */
int __wrap_socket_await_multicasts(int *fence_fd)
{
	int err = __real_socket_await_multicasts(fence_fd);

	for (uint32_t i = 0; i < QUEUES; i++)
		CHECK(queue_state(psr_queue(stopping, i)) == QUEUE_RUNNING,
		      "queue %u stops too early", i);
	awaited++;
	return err;
}

static struct synthetic *start_sender(void)
{
	struct synthetic_config config;
	struct synthetic *synthetic;
	const char *cause = NULL;

	synthetic_config_init(&config);
	config.usersock_group = MCGROUP_STOP_EXACT;
	config.senders = SENDERS;
	CHECK(synthetic_open(&config, &synthetic, &cause) == 0, "%s", cause);
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	return synthetic;
}

/* Received by an ingest thread, or in a BPF ring. */
static uint64_t arrived(struct psr *psr)
{
	struct psr_stats stats = test_stats(psr);

	return stats.received +
	       (stats.left_in_socket > 0 ? (uint64_t)stats.left_in_socket : 0);
}

static bool nothing_left(struct psr_queue *queue)
{
	if (queue->ingest->transport == PSR_TRANSPORT_BPF)
		return test_queue_stats(queue).left_in_socket == 0;
	return socket_usage(queue->fd).used_bytes == 0;
}

static void run_round(struct psr *psr, uint32_t round)
{
	uint64_t before = arrived(psr);

	test_start(psr);
	AWAIT(arrived(psr) >= before + PER_TURN, "round %u", round);
	stopping = psr;
	awaited = 0;
	test_stop(psr);
	CHECK(awaited == 1, "waited %u times for multicasts", awaited);
	for (uint32_t i = 0; i < QUEUES; i++)
		(void)test_drain(psr_queue(psr, i));
	for (uint32_t look = 0; look < LOOKS; look++) {
		for (uint32_t i = 0; i < QUEUES; i++)
			CHECK(nothing_left(psr_queue(psr, i)),
			      "round %u, queue %u, look %u: a sample came late",
			      round, i, look);
	}
}

/* Nobody consumes meanwhile; the stats tell what arrives. */
static void run(enum psr_transport transport, struct synthetic *synthetic)
{
	struct psr_config config = test_config(MCGROUP_STOP_EXACT);
	struct psr_stats stats;
	struct psr *psr;

	config.transport = transport;
	config.queue_count = QUEUES;
	config.usersock_portid = synthetic_portid(synthetic);
	config.wait_us = 100;
	psr = test_open(&config);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		run_round(psr, round);
		test_progress(round);
	}
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.pending == 0 &&
		      stats.left_in_socket == 0,
	      "the books do not balance: pending %llu, left %lld",
	      (unsigned long long)stats.pending,
	      (long long)stats.left_in_socket);
	printf("%s: %u rounds, %llu samples\n", test_transport_name(transport),
	       ROUNDS, (unsigned long long)stats.received);
	psr_close(psr);
}

int main(void)
{
	struct synthetic *synthetic = start_sender();

	test_watch("stop_exact: round");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		if (test_modes[i].ingest_threads > 0 ||
		    test_modes[i].transport == PSR_TRANSPORT_BPF)
			run(test_modes[i].transport, synthetic);
	synthetic_close(synthetic);
	return 0;
}
