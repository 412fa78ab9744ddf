/* SPDX-License-Identifier: MIT */
/* Kernels that offer less, which older and locked ones do. */
#include "lesser.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>

#define MIN_TIMEOUT (1u << 15) /* IORING_FEAT_MIN_TIMEOUT */
#define SAMPLES	    3000u
#define WAIT_US	    1000u

/* Singles, then more than the buffers hold, stopped and started again. */
static void check_flow(struct psr *psr, struct test_sender *sender)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	struct psr_stats stats;

	for (uint32_t flight = 0; flight < 2; flight++) {
		uint32_t first = sender->sent;

		test_start(psr);
		for (uint32_t i = 0; i < 100; i++) {
			test_sender_send(sender, 1);
			test_expect(queue, first + i);
		}
		test_sender_send(sender, SAMPLES);
		test_stop(psr);
		CHECK(test_drain(queue) == SAMPLES, "flight %u", flight);
		test_progress(sender->sent);
	}
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.received == sender->sent,
	      "received %" PRIu64 " of %u", stats.received, sender->sent);
}

static struct psr_config fallback_config(const struct test_sender *sender,
					 enum psr_transport transport)
{
	struct psr_config config = test_config(MCGROUP_FALLBACKS);

	config.usersock_portid = sender->portid;
	config.transport = transport;
	config.buffer_count = 256;
	config.wait_us = WAIT_US;
	return config;
}

/* Without DEFER_TASKRUN, without min_wait, without both. */
static void test_older_uring(uint32_t ingest_threads)
{
	static const unsigned int less[][2] = {
		{ IORING_SETUP_DEFER_TASKRUN, 0 },
		{ 0, MIN_TIMEOUT },
		{ IORING_SETUP_DEFER_TASKRUN, MIN_TIMEOUT },
	};

	for (size_t i = 0; i < sizeof(less) / sizeof(less[0]); i++) {
		struct test_sender sender = test_sender_open(MCGROUP_FALLBACKS);
		struct psr_config config =
			fallback_config(&sender, PSR_TRANSPORT_URING);
		struct psr *psr;

		config.ingest_threads = ingest_threads;
		lesser_pretend(less[i][0], 0, less[i][1]);
		psr = test_open(&config);
		CHECK(lesser_rings == 1, "%u rings", lesser_rings);
		CHECK(!psr->ingests[0].uring.can_min_wait || !less[i][1],
		      "min_wait was hidden");
		check_flow(psr, &sender);
		psr_close(psr);
		test_sender_close(&sender);
	}
}

/* Samples come one by one: at most one wake-up, in two sleeps, a wait_us. */
static void test_paced(void)
{
	struct test_sender sender = test_sender_open(MCGROUP_FALLBACKS);
	struct psr_config config =
		fallback_config(&sender, PSR_TRANSPORT_URING);
	int64_t begin_ns, elapsed_us;
	struct psr_stats stats;
	struct psr *psr;

	lesser_pretend(0, 0, MIN_TIMEOUT);
	config.buffer_count = 2048;
	psr = test_open(&config);
	test_start(psr);
	begin_ns = clock_now_ns();
	while (sender.sent < 20000) {
		test_sender_send(&sender, 4);
		test_yield();
	}
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == sender.sent, "not all came");
	elapsed_us = (clock_now_ns() - begin_ns) / NS_PER_US;
	stats = test_stats(psr);
	CHECK((int64_t)stats.wakeups <= 2 * (elapsed_us / WAIT_US) + 50,
	      "%" PRIu64 " wake-ups in %lld us", stats.wakeups,
	      (long long)elapsed_us);
	printf("no min_wait: %" PRIu64 " wake-ups for %u samples, %lld us\n",
	       stats.wakeups, sender.sent, (long long)elapsed_us);
	psr_close(psr);
	test_sender_close(&sender);
}

static void check_auto(int err)
{
	struct test_sender sender = test_sender_open(MCGROUP_FALLBACKS);
	struct psr_config config = fallback_config(&sender, PSR_TRANSPORT_AUTO);
	struct psr_info info;
	struct psr *psr;

	psr = test_open(&config);
	psr_info(psr, &info);
	CHECK(info.transport == PSR_TRANSPORT_RECVMMSG, "%d: %s", err,
	      test_transport_name(info.transport));
	CHECK(info.fallback && strstr(info.fallback, "io_uring"), "%d: %s", err,
	      info.fallback ? info.fallback : "no reason");
	printf("errno %d: %s\n", -err, info.fallback);
	check_flow(psr, &sender);
	psr_close(psr);
	test_sender_close(&sender);
}

static void check_uring(int err, int expected)
{
	struct test_sender sender = test_sender_open(MCGROUP_FALLBACKS);
	struct psr_config config =
		fallback_config(&sender, PSR_TRANSPORT_URING);
	struct psr *untouched = (struct psr *)&sender;
	struct psr *psr = untouched;
	const char *cause = NULL;
	int got = psr_open(&config, &psr, &cause);

	CHECK(got == expected, "%d, not %d", got, expected);
	CHECK(psr == untouched, "errno %d: the output was touched", -err);
	CHECK(cause && strstr(cause, "io_uring"), "errno %d: %s", -err,
	      cause ? cause : "no cause");
	test_sender_close(&sender);
}

int main(void)
{
	/* What the kernel says, and what psr_open makes of it. */
	static const int refusals[][2] = {
		{ -EPERM, -EPERM },
		{ -ENOSYS, -ENOSYS },
		{ -EINVAL, -ENOSYS },
		{ -ENOMEM, -ENOMEM },
	};

	test_watch("fallbacks: samples");
	test_older_uring(1);
	test_older_uring(0);
	test_paced();
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		lesser_pretend(0, refusals[i][0], 0);
		check_auto(refusals[i][0]);
		check_uring(refusals[i][0], refusals[i][1]);
	}
	return 0;
}
