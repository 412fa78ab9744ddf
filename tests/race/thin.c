/* SPDX-License-Identifier: MIT */
/*
 * One sample in ten, over every transport: as many as chance allows, each of
 * which says that it stands for ten times as many packets, so that these add up
 * to what was sent. What is held back is in no sum, and its numbers are not
 * missing.
 *
 * A count is off by 6 sigma of the binomial distribution or more once in 500
 * million runs.
 */
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define SENT  200000u
#define BURST 1000u /* that many samples fit into any receive buffer */
#define THIN  10u
#define RATE  100u /* that a synthetic sample tells */

static uint64_t packets; /* that the samples say they stand for */

static void take(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	test_check_views(views, count);
	for (uint32_t i = 0; i < count; i++) {
		CHECK(views[i].rate == RATE * THIN, "rate %u", views[i].rate);
		CHECK(!(views[i].fields & PSR_FIELD_RATE_SATURATED), "marked");
		packets += views[i].rate;
	}
	psr_queue_release(queue, count);
}

static void check_group(const struct psr *psr, uint64_t received)
{
	struct psr_group_stats group;

	CHECK(psr_group_stats(psr, &group, 1) == 1, "no group");
	CHECK(group.group == 1 && group.rate == RATE * THIN,
	      "group %u, rate %u", group.group, group.rate);
	CHECK(group.received == received, "received %" PRIu64, group.received);
	CHECK(group.sequenced == 0 && group.missing == 0 &&
		      group.net_missing == 0 && group.restarts == 0,
	      "sequenced %d, missing %" PRId64, group.sequenced, group.missing);
}

static void check_count(const struct psr_stats *stats)
{
	const double p = 1.0 / THIN;
	const double sigma = sqrt(SENT * p * (1 - p));

	CHECK(test_balances(stats) && stats->delivered == stats->received,
	      "delivered %" PRIu64, stats->delivered);
	CHECK(stats->lost_socket == 0 && stats->lost_ring == 0, "lost");
	CHECK(fabs((double)stats->received - SENT * p) < 6 * sigma,
	      "received %" PRIu64 ", sigma %.1f", stats->received, sigma);
	CHECK(fabs((double)packets / RATE - SENT) < 6 * sigma * THIN,
	      "packets %" PRIu64 ", sigma %.1f", packets, sigma);
}

static void run(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_THIN);
	struct psr_config config = test_config(MCGROUP_THIN);
	struct psr_stats stats;
	struct psr_queue *queue;
	struct psr *psr;
	int verdict;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	config.thin = THIN;
	psr = test_open(&config);
	queue = psr_queue(psr, 0);
	packets = 0;
	test_start(psr);
	while (sender.sent < SENT) {
		test_sender_send(&sender, BURST);
		while (psr_queue_wait(queue, 0) == 1)
			take(queue);
	}
	test_stop(psr);
	while ((verdict = psr_queue_wait(queue, GIVE_UP_MS)) == 1)
		take(queue);
	CHECK(verdict == -ESHUTDOWN, "the end: %d", verdict);
	stats = test_queue_stats(queue);
	check_count(&stats);
	check_group(psr, stats.received);
	printf("%s, %u ingest threads: %" PRIu64 " of %u\n",
	       test_transport_name(mode->transport), mode->ingest_threads,
	       stats.received, SENT);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("thin");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		run(&test_modes[i]);
		test_progress(i);
	}
	return 0;
}
