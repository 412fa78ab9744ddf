/* SPDX-License-Identifier: MIT */
/*
 * The sequence table read while its entries are taken over by other groups and
 * begin anew: one group after the other comes, restarts a few times, and is
 * never seen again. A group and its restarts determine all else that may be
 * said of it. No kernel is needed.
 */
#include "sequence.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#define READINGS     (UNDER_TSAN ? 2000u : 50000u)
#define PLACES	     8u /* most evictions and all checks are there */
#define RESTARTS_MAX 4u
#define TOP	     (1u << 30)
#define STEP_BACK    8192u /* more than the distance of a restart */

struct race {
	struct sequence_table table;
	uint64_t seed;
	_Atomic(bool) over;
};

static uint32_t number_of(uint32_t group, uint64_t restarts)
{
	return TOP + group % STEP_BACK - (uint32_t)restarts * STEP_BACK;
}

static void *write_table(void *arg)
{
	struct race *race = arg;
	struct psr_view view = { .group = 0 };

	for (; !atomic_load(&race->over); view.group++) {
		uint32_t limit = test_random(&race->seed, RESTARTS_MAX + 1);

		race->table.hand %= PLACES;
		view.rate = view.group;
		for (uint32_t restarts = 0; restarts <= limit; restarts++) {
			view.group_seq = number_of(view.group, restarts);
			(void)sequence_add(&race->table, &view);
		}
	}
	return NULL;
}

static void check(const struct psr_group_stats *stats)
{
	CHECK(stats->rate == stats->group &&
		      stats->received == stats->restarts + 1 &&
		      stats->first_seq ==
			      number_of(stats->group, stats->restarts) &&
		      stats->span == 1 && stats->missing == 0,
	      "group %u, rate %u, received %" PRIu64 ", restarts %" PRIu64
	      ", first %u, span %" PRIu64 ", missing %" PRId64,
	      stats->group, stats->rate, stats->received, stats->restarts,
	      stats->first_seq, stats->span, stats->missing);
}

int main(int argc, char **argv)
{
	static struct psr_group_stats groups[PLACES];
	static struct race race = { .table.multiplier = 11400714819323198485u };
	pthread_t writer;

	race.seed = test_seed(argc, argv);
	test_watch("sequence_race: readings");
	CHECK(pthread_create(&writer, NULL, write_table, &race) == 0, "thread");
	for (uint32_t reading = 0; reading < READINGS;) {
		struct sequence_groups merged = { .groups = groups,
						  .max = PLACES };

		sequence_merge(&race.table, &merged);
		for (uint32_t i = 0; i < merged.count; i++)
			check(&groups[i]);
		reading += merged.count == PLACES;
		test_progress(reading);
	}
	atomic_store(&race.over, true);
	pthread_join(writer, NULL);
	puts("every entry of one moment");
	return 0;
}
