/* SPDX-License-Identifier: MIT */
/*
 * What a consumer without an ingest thread does in one call is bounded, whatever
 * is sent, and however fast: it takes as many datagrams as psr_queue_peek says,
 * samples or not, and comes back.
 */
#include "lesser.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <stdio.h>

#define FLOOD 3000u

enum kind {
	SAMPLES,
	FOREIGN,
	MALFORMED
};

static const char *const kinds[] = { "samples", "foreign", "malformed" };

static void send_flood(struct test_sender *sender, enum kind kind,
		       uint32_t count)
{
	struct nlmsghdr message = {
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_len = sizeof(message) * (kind == MALFORMED ? 2 : 1),
		.nlmsg_pid = sender->portid,
	};

	if (kind == SAMPLES) {
		test_sender_send(sender, count);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		test_sender_send_raw(sender, &message, sizeof(message));
}

/* While feeds is not 0, more comes whenever completions are reaped. */
static struct test_sender *feeder;
static uint32_t feeds;

uint32_t __real_uring_reap(struct uring *uring,
			   struct completion *ret_completions, uint32_t max);
uint32_t __wrap_uring_reap(struct uring *uring,
			   struct completion *ret_completions, uint32_t max);

uint32_t __wrap_uring_reap(struct uring *uring,
			   struct completion *ret_completions, uint32_t max)
{
	if (feeds > 0) {
		feeds--;
		send_flood(feeder, FOREIGN, INGEST_BATCH);
	}
	return __real_uring_reap(uring, ret_completions, max);
}

/* A look, by either call: returns the datagrams that it took. */
static uint64_t look(struct psr_queue *queue, bool waits)
{
	uint64_t before = test_queue_stats(queue).received;
	const struct psr_view *views;

	if (waits)
		(void)psr_queue_wait(queue, 0);
	else
		(void)psr_queue_peek(queue, &views);
	return test_queue_stats(queue).received - before;
}

static void release_all(struct psr_queue *queue)
{
	const struct psr_view *views;

	while (test_queue_stats(queue).pending > 0)
		psr_queue_release(queue, psr_queue_peek(queue, &views));
}

static struct psr *open_driven(enum psr_transport transport, uint32_t buffers,
			       const struct test_sender *sender)
{
	struct psr_config config = test_config(MCGROUP_NOISE);
	struct psr *psr;

	config.transport = transport;
	config.ingest_threads = 0;
	config.buffer_count = buffers;
	config.usersock_portid = sender->portid;
	psr = test_open(&config);
	test_start(psr);
	CHECK(look(psr_queue(psr, 0), true) == 0, "nothing was sent");
	return psr;
}

/* As psr_queue_peek has it. */
static uint32_t bound_of(enum psr_transport transport, uint32_t buffers)
{
	uint32_t most = transport == PSR_TRANSPORT_RECVMMSG ? 64
			: transport == PSR_TRANSPORT_BPF    ? 256
							    : UINT32_MAX;

	return buffers < most ? buffers : most;
}

/* All of it waits already. */
static void check_flood(enum psr_transport transport, uint32_t buffers,
			enum kind kind)
{
	uint32_t bound = bound_of(transport, buffers);
	struct test_sender sender = test_sender_open(MCGROUP_NOISE);
	struct psr *psr = open_driven(transport, buffers, &sender);
	struct psr_queue *queue = psr_queue(psr, 0);
	uint64_t taken, sum = 0, most = 0;

	send_flood(&sender, kind, FLOOD);
	for (uint32_t i = 0; sum < FLOOD; i++) {
		taken = look(queue, i % 2);
		CHECK(taken <= bound, "%s, %u buffers, %s: %" PRIu64 " taken",
		      test_transport_name(transport), buffers, kinds[kind],
		      taken);
		most = taken > most ? taken : most;
		sum += taken;
		release_all(queue);
		test_progress(sum);
	}
	printf("%s, %u buffers, %s: %" PRIu64 " at most\n",
	       test_transport_name(transport), buffers, kinds[kind], most);
	psr_close(psr);
	test_sender_close(&sender);
}

/* It comes as fast as it is taken. */
static void check_endless_flood(void)
{
	const uint32_t buffers = 4 * INGEST_BATCH;
	struct test_sender sender = test_sender_open(MCGROUP_NOISE);
	struct psr *psr;
	uint64_t taken;

	/* Linux 6.0 is without it. */
	lesser_pretend(IORING_SETUP_DEFER_TASKRUN, 0, 0);
	psr = open_driven(PSR_TRANSPORT_URING, buffers, &sender);
	feeder = &sender;
	send_flood(&sender, FOREIGN, INGEST_BATCH);
	feeds = 16;
	taken = look(psr_queue(psr, 0), false);
	CHECK(taken <= buffers, "%" PRIu64 " taken", taken);
	CHECK(feeds > 0, "it takes as long as others send");
	feeds = 0;
	test_sender_send(&sender, 1);
	test_expect(psr_queue(psr, 0), 0);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("bounded: datagrams");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		if (test_modes[i].ingest_threads > 0)
			continue;
		for (enum kind kind = SAMPLES; kind <= MALFORMED; kind++) {
			check_flood(test_modes[i].transport, 16, kind);
			check_flood(test_modes[i].transport, 1024, kind);
		}
	}
	check_endless_flood();
	return 0;
}
