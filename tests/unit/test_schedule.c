/* SPDX-License-Identifier: MIT */
/* The schedule of psring stress --chaos: from the seed, and always possible. */
#include "leaks.h"
#include "schedule.h"

#include <criterion/criterion.h>
#include <string.h>

#define ROUNDS 1000

TestSuite(schedule, .fini = leaks_assert_none);

Test(schedule, follows_from_the_seed)
{
	struct schedule_round first, again, other;
	uint64_t one = 7, two = 7, three = 8;
	uint32_t same = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		schedule_draw(&one, &first);
		schedule_draw(&two, &again);
		schedule_draw(&three, &other);
		cr_assert_eq(memcmp(&first, &again, sizeof(first)), 0);
		same += first.duration_ms == other.duration_ms;
	}
	cr_expect_lt(same, ROUNDS / 10, "another seed, another schedule");
}

/* Each consumer goes on once. */
static void check_order(const struct schedule_leg *leg, uint32_t consumers)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < consumers; i++)
		seen |= 1U << leg->order[i];
	cr_expect_eq(seen, (1U << consumers) - 1);
}

Test(schedule, is_possible)
{
	struct schedule_round round;
	uint32_t faults = 0, transports = 0, shards = 0;
	uint64_t state = 1;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		schedule_draw(&state, &round);
		transports |= 1U << round.transport;
		shards |= 1U << round.shard;
		cr_expect(round.queue_count >= 1 && round.queue_count <= 4);
		cr_expect_leq(round.ingest_threads, round.queue_count);
		cr_expect(round.consumers >= 1 &&
			  round.consumers <= round.queue_count);
		cr_expect(round.shard != PSR_SHARD_FLOW ||
			  round.transport == PSR_TRANSPORT_BPF);
		cr_expect(round.duration_ms >= 300 &&
			  round.duration_ms <= SCHEDULE_ROUND_MS_MAX);
		cr_expect(round.leg_count >= 1 &&
			  round.leg_count <= SCHEDULE_LEGS_MAX);
		for (uint32_t leg = 0; leg < round.leg_count; leg++) {
			faults |= 1U << round.legs[leg].fault;
			check_order(&round.legs[leg], round.consumers);
		}
	}
	cr_expect_eq(faults, 0xf, "all faults come");
	cr_expect_eq(transports, 1U << PSR_TRANSPORT_AUTO |
					 1U << PSR_TRANSPORT_RECVMMSG |
					 1U << PSR_TRANSPORT_BPF);
	cr_expect_eq(shards, 0x1f, "all shards");
}
