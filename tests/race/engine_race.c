/* SPDX-License-Identifier: MIT */
/*
 * The whole path under races: sender threads, sockets, engine, slow and fast
 * consumers, and a thread that reads the statistics all the time; stopped in
 * mid-flight and started again. Every byte is checked just before its release,
 * and the books are exact at each pause.
 */
#include "synthetic.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define QUEUES_MAX 4u
#define BUFFERS	   64u
#define RCVBUF	   (128u << 10)
#define FLIGHTS	   4u /* with the sender going on */
#define PER_FLIGHT (UNDER_TSAN ? 1500u : 8000u)
#define BURSTS	   2u /* around a sender that ends */
#define PER_BURST  (UNDER_TSAN ? 2000u : 10000u)
#define LOOKS	   100u
#define GROUPS	   5u
#define INTERFACES 7u

struct plan {
	uint32_t queues;
	uint32_t ingest_threads;
	enum psr_transport transport;
	enum psr_shard shard;
	uint32_t senders;
};

struct consumer {
	struct race *race;
	uint32_t index;
	uint64_t seed;
	uint64_t taken;
	uint32_t next_seq[GROUPS + 1];
	pthread_t thread;
};

struct race {
	const struct plan *plan;
	struct synthetic *synthetic; /* the only sender that is heard */
	uint32_t flights;	     /* from psr_start to psr_stop */
	struct psr *psr;
	struct consumer consumers[QUEUES_MAX];
	pthread_t reader;
	pthread_barrier_t flight; /* begins, ends */
	_Atomic(bool) over;
};

/* The queue that a sample belongs to, as psring.h defines it. */
static uint32_t share_of(const struct plan *plan, const struct psr_view *view)
{
	switch (plan->shard) {
	case PSR_SHARD_GROUP:
		return view->group % plan->queues;
	case PSR_SHARD_IIF:
		return view->iif % plan->queues;
	default:
		return view->group_seq % plan->queues;
	}
}

/* One thread sends in order. */
static void check_views(struct consumer *consumer, const struct psr_view *views,
			uint32_t count)
{
	const struct plan *plan = consumer->race->plan;

	for (uint32_t i = 0; i < count; i++) {
		const struct psr_view *view = &views[i];

		CHECK(share_of(plan, view) == consumer->index,
		      "group %u, number %u, iif %u in queue %u", view->group,
		      view->group_seq, view->iif, consumer->index);
		if (plan->senders > 1)
			continue;
		CHECK(view->group_seq >= consumer->next_seq[view->group],
		      "group %u: %u after %u", view->group, view->group_seq,
		      consumer->next_seq[view->group] - 1);
		consumer->next_seq[view->group] = view->group_seq + 1;
	}
	test_check_views(views, count);
}

/* Holds at random what it has, and releases it whole or in part. */
static void consume_some(struct consumer *consumer, struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	if (count > 1 && test_random(&consumer->seed, 4) == 0)
		count = 1 + test_random(&consumer->seed, count);
	if (test_random(&consumer->seed, 8) == 0)
		test_dawdle(&consumer->seed,
			    consumer->index % 2 ? 200000 : 100);
	check_views(consumer, views, count);
	psr_queue_release(queue, count);
	consumer->taken += count;
	test_progress(consumer->taken);
}

static void *consume(void *arg)
{
	struct consumer *consumer = arg;
	struct race *race = consumer->race;
	struct psr_queue *queue = psr_queue(race->psr, consumer->index);
	int verdict;

	for (uint32_t flight = 0; flight < race->flights; flight++) {
		pthread_barrier_wait(&race->flight);
		while ((verdict = psr_queue_wait(queue, GIVE_UP_MS)) == 1)
			consume_some(consumer, queue);
		CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d", verdict);
		pthread_barrier_wait(&race->flight);
	}
	return NULL;
}

/* The statistics at any moment: nothing negative, nothing beyond the ring. */
static void *read_stats(void *arg)
{
	struct race *race = arg;
	struct psr_group_stats groups[GROUPS];
	const uint32_t queues = race->plan->queues;

	while (!atomic_load(&race->over)) {
		for (uint32_t i = 0; i < queues; i++) {
			struct psr_stats stats =
				test_queue_stats(psr_queue(race->psr, i));

			CHECK(stats.pending <= BUFFERS, "pending %" PRIu64,
			      stats.pending);
		}
		CHECK(test_stats(race->psr).pending <= BUFFERS * queues,
		      "pending in all");
		CHECK(psr_group_stats(race->psr, groups, GROUPS) <= GROUPS,
		      "more groups than were sent");
	}
	return NULL;
}

static struct synthetic *open_sender(const struct plan *plan, uint64_t count)
{
	struct synthetic_config config;
	struct synthetic *synthetic;
	const char *cause = NULL;

	synthetic_config_init(&config);
	config.usersock_group = MCGROUP_ENGINE_RACE;
	config.count = count;
	config.group_count = GROUPS;
	config.interface_count = INTERFACES;
	config.senders = plan->senders;
	CHECK(synthetic_open(&config, &synthetic, &cause) == 0, "%s", cause);
	return synthetic;
}

static uint64_t lost(const struct psr_stats *stats)
{
	return stats->lost_socket + stats->lost_ring;
}

static void check_books(struct race *race)
{
	struct psr_stats stats = test_stats(race->psr);
	uint64_t taken = 0;

	for (uint32_t i = 0; i < race->plan->queues; i++)
		taken += race->consumers[i].taken;
	CHECK(test_balances(&stats) && stats.pending == 0 &&
		      stats.left_in_socket == 0 && stats.delivered == taken &&
		      stats.malformed == 0 && stats.foreign == 0,
	      "received %" PRIu64 ", delivered %" PRIu64 ", pending %" PRIu64
	      ", taken %" PRIu64,
	      stats.received, stats.delivered, stats.pending, taken);
}

/* The sender goes on: what it sends between stop and start is not seen. */
static void fly(struct race *race)
{
	CHECK(synthetic_start(race->synthetic) == 0, "synthetic_start");
	for (uint32_t flight = 0; flight < FLIGHTS; flight++) {
		uint64_t before = test_stats(race->psr).received;

		test_start(race->psr);
		pthread_barrier_wait(&race->flight);
		AWAIT(test_stats(race->psr).received >= before + PER_FLIGHT,
		      "flight %u: received %" PRIu64, flight,
		      test_stats(race->psr).received - before);
		test_stop(race->psr);
		pthread_barrier_wait(&race->flight);
		check_books(race);
	}
}

/* The sender pauses, the engine runs: exact while the consumers release. */
static void check_pause(struct race *race, uint64_t arrived)
{
	struct psr_stats stats;

	AWAIT((stats = test_stats(race->psr),
	       stats.received + lost(&stats) == arrived &&
		       test_balances(&stats)),
	      "received %" PRIu64 ", lost %" PRIu64 ", of %" PRIu64,
	      stats.received, lost(&stats), arrived);
	for (uint32_t i = 0; i < LOOKS; i++) {
		stats = test_stats(race->psr);
		CHECK(test_balances(&stats),
		      "received %" PRIu64 ", delivered %" PRIu64
		      ", pending %" PRIu64,
		      stats.received, stats.delivered, stats.pending);
	}
}

/* The sender pauses before the stop: sent = received + lost. */
static void burst(struct race *race)
{
	struct psr_stats stats;
	uint64_t sent;

	test_start(race->psr);
	pthread_barrier_wait(&race->flight);
	CHECK(synthetic_start(race->synthetic) == 0, "synthetic_start");
	CHECK(synthetic_wait(race->synthetic, -1) == 1, "it gave up");
	synthetic_stop(race->synthetic);
	sent = synthetic_sent(race->synthetic);
	check_pause(race, sent);
	test_stop(race->psr);
	pthread_barrier_wait(&race->flight);
	check_books(race);
	stats = test_stats(race->psr);
	CHECK(sent == stats.received + lost(&stats),
	      "sent %" PRIu64 ", received %" PRIu64 ", lost %" PRIu64, sent,
	      stats.received, lost(&stats));
}

/* @count: samples to send, 0 for ever. */
static void begin(struct race *race, const struct plan *plan, uint64_t count,
		  uint64_t seed)
{
	struct psr_config config = test_config(MCGROUP_ENGINE_RACE);

	config.transport = plan->transport;
	config.ingest_threads = plan->ingest_threads;
	config.queue_count = plan->queues;
	config.shard = plan->shard;
	config.buffer_count = BUFFERS;
	config.buffer_bytes = 512;
	config.rcvbuf_bytes = RCVBUF;
	config.wait_us = 200;
	memset(race, 0, sizeof(*race));
	race->plan = plan;
	race->flights = count ? 1 : FLIGHTS;
	race->synthetic = open_sender(plan, count);
	config.usersock_portid = synthetic_portid(race->synthetic);
	race->psr = test_open(&config);
	pthread_barrier_init(&race->flight, NULL, plan->queues + 1);
	for (uint32_t i = 0; i < plan->queues; i++) {
		struct consumer *consumer = &race->consumers[i];

		consumer->race = race;
		consumer->index = i;
		consumer->seed = seed + i;
		CHECK(pthread_create(&consumer->thread, NULL, consume,
				     consumer) == 0,
		      "thread");
	}
	CHECK(pthread_create(&race->reader, NULL, read_stats, race) == 0,
	      "thread");
}

static void end(struct race *race)
{
	struct psr_stats stats = test_stats(race->psr);

	for (uint32_t i = 0; i < race->plan->queues; i++)
		pthread_join(race->consumers[i].thread, NULL);
	atomic_store(&race->over, true);
	pthread_join(race->reader, NULL);
	pthread_barrier_destroy(&race->flight);
	printf("%u queues, %u ingest threads, %s: received %" PRIu64
	       ", lost %" PRIu64 ", stalls %" PRIu64 "\n",
	       race->plan->queues, race->plan->ingest_threads,
	       test_transport_name(race->plan->transport), stats.received,
	       lost(&stats), stats.stalls);
	psr_close(race->psr);
	synthetic_close(race->synthetic);
}

static void run(const struct plan *plan, uint64_t seed)
{
	static struct race race;

	begin(&race, plan, 0, seed);
	fly(&race);
	end(&race);
	for (uint32_t i = 0; i < BURSTS; i++) {
		begin(&race, plan, PER_BURST, seed + i);
		burst(&race);
		end(&race);
	}
}

int main(int argc, char **argv)
{
	static const struct plan plans[] = {
		{ 1, 1, PSR_TRANSPORT_URING, PSR_SHARD_SEQ, 1 },
		{ 1, 0, PSR_TRANSPORT_URING, PSR_SHARD_SEQ, 2 },
		{ 2, 1, PSR_TRANSPORT_URING, PSR_SHARD_GROUP, 1 },
		{ 3, 0, PSR_TRANSPORT_URING, PSR_SHARD_IIF, 1 },
		{ 4, 2, PSR_TRANSPORT_URING, PSR_SHARD_SEQ, 2 },
		{ 1, 1, PSR_TRANSPORT_RECVMMSG, PSR_SHARD_SEQ, 2 },
		{ 2, 0, PSR_TRANSPORT_RECVMMSG, PSR_SHARD_SEQ, 1 },
		{ 3, 2, PSR_TRANSPORT_RECVMMSG, PSR_SHARD_GROUP, 1 },
		{ 4, 1, PSR_TRANSPORT_RECVMMSG, PSR_SHARD_IIF, 2 },
#if PSRING_HAS_BPF
		{ 1, 0, PSR_TRANSPORT_BPF, PSR_SHARD_SEQ, 2 },
		{ 2, 0, PSR_TRANSPORT_BPF, PSR_SHARD_GROUP, 1 },
		{ 4, 0, PSR_TRANSPORT_BPF, PSR_SHARD_IIF, 2 },
#endif
	};
	uint64_t seed = test_seed(argc, argv);

	test_watch("engine_race: samples of a queue");
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
		run(&plans[i], seed);
	return 0;
}
