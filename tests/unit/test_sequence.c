/* SPDX-License-Identifier: MIT */
/*
 * Sequence evidence: what a row of sequence numbers says, in one queue and
 * merged over several.
 */
#include "leaks.h"
#include "sequence.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GROUP	     5
#define RATE	     100

static struct sequence_table tables[3];

/* True: another group was evicted. */
static bool add(struct sequence_table *table, uint32_t group, uint32_t seq)
{
	const struct psr_view view = { .group = group,
				       .group_seq = seq,
				       .rate = RATE };

	return sequence_add(table, &view);
}

static uint32_t merge(struct psr_group_stats *groups, uint32_t max)
{
	struct sequence_groups merged = { .groups = groups, .max = max };

	for (size_t i = 0; i < COUNT(tables); i++)
		sequence_merge(&tables[i], &merged);
	return merged.count;
}

static void expect_stats(const char *name, const struct psr_group_stats *stats,
			 const struct psr_group_stats *expected)
{
#define SAME(field)                                                        \
	cr_expect_eq(stats->field, expected->field, "%s: " #field " %lld", \
		     name, (long long)stats->field)
	SAME(group);
	SAME(rate);
	SAME(received);
	SAME(first_seq);
	SAME(highest_seq);
	SAME(span);
	SAME(missing);
	SAME(net_missing);
	SAME(duplicate);
	SAME(reordered);
	SAME(restarts);
	SAME(sequenced);
#undef SAME
}

/* The numbers that each queue sees, in its order. */
struct evidence {
	const char *name;
	struct {
		uint32_t count;
		uint32_t seqs[10];
	} queues[COUNT(tables)];
	struct psr_group_stats stats;
};

#define OF_GROUP .group = GROUP, .rate = RATE

static const struct evidence evidences[] = {
	{ "one sample",
	  { { 1, { 7 } } },
	  { OF_GROUP, .received = 1, .first_seq = 7, .highest_seq = 7,
	    .span = 1, .sequenced = 1 } },
	{ "the first sample of a new group",
	  { { 1, { 0 } } },
	  { OF_GROUP, .received = 1, .span = 1, .sequenced = 1 } },
	{ "a row without a gap",
	  { { 4, { 7, 8, 9, 10 } } },
	  { OF_GROUP, .received = 4, .first_seq = 7, .highest_seq = 10,
	    .span = 4, .sequenced = 1 } },
	{ "from 0 on",
	  { { 3, { 0, 1, 2 } } },
	  { OF_GROUP, .received = 3, .highest_seq = 2, .span = 3,
	    .sequenced = 1 } },
	{ "a gap of 3 and one of 1",
	  { { 4, { 7, 11, 12, 14 } } },
	  { OF_GROUP, .received = 4, .first_seq = 7, .highest_seq = 14,
	    .span = 8, .missing = 4, .net_missing = 4, .sequenced = 1 } },
	{ "over 2^32",
	  { { 4, { 0xfffffffe, 0xffffffff, 0, 1 } } },
	  { OF_GROUP, .received = 4, .first_seq = 0xfffffffe, .highest_seq = 1,
	    .span = 4, .sequenced = 1 } },
	{ "a gap over 2^32",
	  { { 2, { 0xfffffffe, 2 } } },
	  { OF_GROUP, .received = 2, .first_seq = 0xfffffffe, .highest_seq = 2,
	    .span = 5, .missing = 3, .net_missing = 3, .sequenced = 1 } },
	{ "round more than once, in strides below 2^31",
	  { { 5, { 0, 0x70000000, 0xe0000000, 0x50000000, 0x50000001 } } },
	  { OF_GROUP, .received = 5, .highest_seq = 0x50000001,
	    .span = 0x150000002, .missing = 0x14ffffffd,
	    .net_missing = 0x14ffffffd, .sequenced = 1 } },
	{ "the same number again",
	  { { 4, { 7, 7, 8, 8 } } },
	  { OF_GROUP, .received = 4, .first_seq = 7, .highest_seq = 8,
	    .span = 2, .net_missing = -2, .duplicate = 2, .sequenced = 1 } },
	{ "two in the wrong order",
	  { { 4, { 7, 9, 8, 10 } } },
	  { OF_GROUP, .received = 4, .first_seq = 7, .highest_seq = 10,
	    .span = 4, .reordered = 1, .sequenced = 1 } },
	{ "the wrong order over 2^32",
	  { { 3, { 0xffffffff, 1, 0 } } },
	  { OF_GROUP, .received = 3, .first_seq = 0xffffffff, .highest_seq = 1,
	    .span = 3, .reordered = 1, .sequenced = 1 } },
	{ "constant 0, from Open vSwitch",
	  { { 5, { 0, 0, 0, 0, 0 } } },
	  { OF_GROUP, .received = 5, .span = 1, .net_missing = -4,
	    .duplicate = 4, .sequenced = 0 } },
	{ "constant 0 in two queues, by CPU",
	  { { 1, { 0 } }, { 1, { 0 } } },
	  { OF_GROUP, .received = 2, .span = 1, .missing = -1,
	    .net_missing = -1, .sequenced = 0 } },
	{ "two queues, a share each",
	  { { 3, { 0, 2, 4 } }, { 3, { 1, 3, 5 } } },
	  { OF_GROUP, .received = 6, .highest_seq = 5, .span = 6,
	    .sequenced = 1 } },
	{ "the later queue has the first number",
	  { { 3, { 8, 10, 12 } }, { 3, { 7, 9, 11 } } },
	  { OF_GROUP, .received = 6, .first_seq = 7, .highest_seq = 12,
	    .span = 6, .sequenced = 1 } },
	{ "the later queue has first and last",
	  { { 2, { 8, 9 } }, { 2, { 7, 10 } } },
	  { OF_GROUP, .received = 4, .first_seq = 7, .highest_seq = 10,
	    .span = 4, .sequenced = 1 } },
	{ "one queue came later",
	  { { 1, { 20 } }, { 2, { 7, 10 } } },
	  { OF_GROUP, .received = 3, .first_seq = 7, .highest_seq = 20,
	    .span = 14, .missing = 11, .net_missing = 11, .sequenced = 1 } },
	{ "three queues over 2^32, one sample lost",
	  { { 2, { 0xffffffff, 2 } }, { 2, { 0, 3 } }, { 1, { 4 } } },
	  { OF_GROUP, .received = 5, .first_seq = 0xffffffff, .highest_seq = 4,
	    .span = 6, .missing = 1, .net_missing = 1, .sequenced = 1 } },
	{ "the later queue has the first number, before 2^32",
	  { { 2, { 0, 2 } }, { 2, { 0xffffffff, 1 } } },
	  { OF_GROUP, .received = 4, .first_seq = 0xffffffff, .highest_seq = 2,
	    .span = 4, .sequenced = 1 } },
	{ "the middle queue saw nothing",
	  { { 2, { 0, 3 } }, { 0, { 0 } }, { 1, { 2 } } },
	  { OF_GROUP, .received = 3, .highest_seq = 3, .span = 4, .missing = 1,
	    .net_missing = 1, .sequenced = 1 } },
	{ "the first to be seen was not the first to be numbered",
	  { { 4, { 7, 6, 5, 8 } } },
	  { OF_GROUP, .received = 4, .first_seq = 5, .highest_seq = 8,
	    .span = 4, .reordered = 2, .sequenced = 1 } },
	{ "the same before 0",
	  { { 2, { 0, 0xffffffff } } },
	  { OF_GROUP, .received = 2, .first_seq = 0xffffffff, .span = 2,
	    .reordered = 1, .sequenced = 1 } },
	{ "a gap that is filled, and then filled again",
	  { { 5, { 7, 10, 8, 8, 10 } } },
	  { OF_GROUP, .received = 5, .first_seq = 7, .highest_seq = 10,
	    .span = 4, .missing = 1, .net_missing = -1, .duplicate = 2,
	    .reordered = 1, .sequenced = 1 } },
	{ "the last number within the window is there again",
	  { { 4, { 1000, 1063, 1000, 1063 } } },
	  { OF_GROUP, .received = 4, .first_seq = 1000, .highest_seq = 1063,
	    .span = 64, .missing = 62, .net_missing = 60, .duplicate = 2,
	    .sequenced = 1 } },
	{ "the first number out of the window is there again",
	  { { 3, { 1000, 1064, 1000 } } },
	  { OF_GROUP, .received = 3, .first_seq = 1000, .highest_seq = 1064,
	    .span = 65, .missing = 62, .net_missing = 62, .reordered = 1,
	    .sequenced = 1 } },
	{ "and one further out",
	  { { 3, { 1000, 1065, 1000 } } },
	  { OF_GROUP, .received = 3, .first_seq = 1000, .highest_seq = 1065,
	    .span = 66, .missing = 63, .net_missing = 63, .reordered = 1,
	    .sequenced = 1 } },
	{ "out of the window twice: cannot be told from late",
	  { { 4, { 1000, 1064, 1000, 1000 } } },
	  { OF_GROUP, .received = 4, .first_seq = 1000, .highest_seq = 1064,
	    .span = 65, .missing = 61, .net_missing = 61, .reordered = 2,
	    .sequenced = 1 } },
	{ "late by 63 and by 64: the window moved on over what it had seen",
	  { { 6, { 1000, 1001, 1064, 1001, 1000, 1002 } } },
	  { OF_GROUP, .received = 6, .first_seq = 1000, .highest_seq = 1064,
	    .span = 65, .missing = 60, .net_missing = 59, .duplicate = 1,
	    .reordered = 2, .sequenced = 1 } },
	{ "a leap over the whole window leaves none of it",
	  { { 5, { 999, 1000, 1064, 1063, 1064 } } },
	  { OF_GROUP, .received = 5, .first_seq = 999, .highest_seq = 1064,
	    .span = 66, .missing = 62, .net_missing = 61, .duplicate = 1,
	    .reordered = 1, .sequenced = 1 } },
	{ "a window over 2^32",
	  { { 5, { 0xfffffff0, 0xfffffffe, 20, 0xfffffffe, 0xffffffff } } },
	  { OF_GROUP, .received = 5, .first_seq = 0xfffffff0, .highest_seq = 20,
	    .span = 37, .missing = 33, .net_missing = 32, .duplicate = 1,
	    .reordered = 1, .sequenced = 1 } },
	{ "restart by a small number",
	  { { 6, { 1000, 1002, 1000, 1001, 0, 2 } } },
	  { OF_GROUP, .received = 6, .highest_seq = 2, .span = 3, .missing = 1,
	    .net_missing = 1, .restarts = 1, .sequenced = 1 } },
	{ "what was seen before a restart was not seen since",
	  { { 4, { 1000, 1001, 0, 0xffffffff } } },
	  { OF_GROUP, .received = 4, .first_seq = 0xffffffff, .span = 2,
	    .reordered = 1, .restarts = 1, .sequenced = 1 } },
	{ "restart by the highest number that is small",
	  { { 2, { 127, 63 } } },
	  { OF_GROUP, .received = 2, .first_seq = 63, .highest_seq = 63,
	    .span = 1, .restarts = 1, .sequenced = 1 } },
	{ "no restart by one that is not",
	  { { 2, { 128, 64 } } },
	  { OF_GROUP, .received = 2, .first_seq = 128, .highest_seq = 128,
	    .span = 1, .missing = -1, .net_missing = -1, .reordered = 1,
	    .sequenced = 1 } },
	{ "no restart by a small number within the window",
	  { { 4, { 0, 1, 63, 0 } } },
	  { OF_GROUP, .received = 4, .highest_seq = 63, .span = 64,
	    .missing = 61, .net_missing = 60, .duplicate = 1,
	    .sequenced = 1 } },
	{ "restart by a distance of 4097",
	  { { 3, { 100000, 95903, 95904 } } },
	  { OF_GROUP, .received = 3, .first_seq = 95903, .highest_seq = 95904,
	    .span = 2, .restarts = 1, .sequenced = 1 } },
	{ "no restart by a distance of 4096",
	  { { 3, { 100000, 95904, 100001 } } },
	  { OF_GROUP, .received = 3, .first_seq = 100000, .highest_seq = 100001,
	    .span = 2, .missing = -1, .net_missing = -1, .reordered = 1,
	    .sequenced = 1 } },
	{ "a CPU's old count: 100 back and on from there",
	  { { 6, { 9999, 10000, 9900, 9901, 9902, 10001 } } },
	  { OF_GROUP, .received = 6, .first_seq = 9999, .highest_seq = 10001,
	    .span = 3, .missing = -3, .net_missing = -3, .reordered = 3,
	    .sequenced = 1 } },
	{ "restart after more than 2^31 numbers, when 0 is ahead",
	  { { 4, { 3000000000, 3000000001, 0, 1 } } },
	  { OF_GROUP, .received = 4, .highest_seq = 1, .span = 2, .restarts = 1,
	    .sequenced = 1 } },
	{ "no restart where 2^32 lies in a gap",
	  { { 2, { 0xfffff000, 0 } } },
	  { OF_GROUP, .received = 2, .first_seq = 0xfffff000, .span = 4097,
	    .missing = 4095, .net_missing = 4095, .sequenced = 1 } },
	{ "restart, and then constant 0",
	  { { 4, { 500, 0, 0, 0 } } },
	  { OF_GROUP, .received = 4, .span = 1, .net_missing = -2,
	    .duplicate = 2, .restarts = 1, .sequenced = 1 } },
	{ "constant 0, and then numbers: no restart",
	  { { 5, { 0, 0, 0, 1, 2 } } },
	  { OF_GROUP, .received = 5, .highest_seq = 2, .span = 3,
	    .net_missing = -2, .duplicate = 2, .sequenced = 1 } },
	{ "both queues saw the restart",
	  { { 4, { 1000, 1002, 0, 4 } }, { 3, { 1001, 1, 3 } } },
	  { OF_GROUP, .received = 7, .highest_seq = 4, .span = 5, .missing = 1,
	    .net_missing = 1, .restarts = 1, .sequenced = 1 } },
	{ "the first queue has not seen the restart yet",
	  { { 4, { 1000, 1004, 1004, 1002 } }, { 4, { 1001, 1, 3, 3 } } },
	  { OF_GROUP, .received = 8, .first_seq = 1, .highest_seq = 3,
	    .span = 3, .missing = 1, .duplicate = 1, .restarts = 1,
	    .sequenced = -1 } },
	{ "the later queue has not seen the second restart yet",
	  { { 4, { 1000, 0, 1000, 0 } }, { 3, { 1001, 1, 1003 } } },
	  { OF_GROUP, .received = 7, .span = 1, .restarts = 2,
	    .sequenced = -1 } },
	{ "a queue that was late to see the restart, and has caught up",
	  { { 4, { 1000, 0, 2, 5000 } }, { 3, { 1001, 4001, 5001 } } },
	  { OF_GROUP, .received = 7, .highest_seq = 5000, .span = 5001,
	    .missing = 4998, .net_missing = 4998, .restarts = 1,
	    .sequenced = -1 } },
};

static void sequence_init(void)
{
	memset(tables, 0, sizeof(tables));
	for (size_t i = 0; i < COUNT(tables); i++)
		tables[i].multiplier = 11400714819323198485u;
}

static void feed(const struct evidence *evidence)
{
	sequence_init();
	for (size_t q = 0; q < COUNT(tables); q++)
		for (uint32_t i = 0; i < evidence->queues[q].count; i++)
			cr_assert_not(add(&tables[q], GROUP,
					  evidence->queues[q].seqs[i]));
}

TestSuite(sequence, .init = sequence_init, .fini = leaks_assert_none);

Test(sequence, evidences)
{
	for (size_t i = 0; i < COUNT(evidences); i++) {
		struct psr_group_stats stats;

		memset(&stats, 0xa5, sizeof(stats));
		feed(&evidences[i]);
		cr_assert_eq(merge(&stats, 1), 1);
		expect_stats(evidences[i].name, &stats, &evidences[i].stats);
	}
}

Test(sequence, nothing_seen)
{
	struct psr_group_stats stats;

	cr_expect_eq(merge(&stats, 1), 0);
	cr_expect_eq(merge(NULL, 0), 0);
}

/* The same group in three namespaces, each with a gap of its own. */
Test(sequence, namespaces_count_apart)
{
	static const int32_t nsids[] = { PSR_NSID_OWN, 0, INT32_MAX };
	struct psr_group_stats stats[COUNT(nsids) + 1];

	for (uint32_t i = 0; i < 6 * COUNT(nsids); i++) {
		const uint32_t nth = i % COUNT(nsids);
		const struct psr_view view = { .nsid = nsids[nth],
					       .group = GROUP,
					       .group_seq = i / COUNT(nsids) *
							    (nth + 1) };

		cr_expect_not(sequence_add(&tables[i % 2], &view));
	}
	cr_assert_eq(merge(stats, COUNT(stats)), COUNT(nsids));
	for (uint32_t i = 0; i < COUNT(nsids); i++) {
		const struct psr_group_stats *group = stats;

		while (group->nsid != nsids[i])
			cr_assert(++group < stats + COUNT(nsids));
		cr_expect_eq(group->group, GROUP);
		cr_expect_eq(group->received, 6);
		cr_expect_eq(group->missing, 5 * i, "nsid %d", group->nsid);
		cr_expect_eq(group->duplicate + group->reordered, 0);
	}
}

Test(sequence, rate_is_that_of_the_newest_sample)
{
	struct psr_view view = { .group = GROUP, .rate = 1 };
	struct psr_group_stats stats;

	sequence_add(&tables[0], &view);
	view.rate = 1000;
	view.group_seq = 1;
	sequence_add(&tables[0], &view);
	cr_assert_eq(merge(&stats, 1), 1);
	cr_expect_eq(stats.rate, 1000);
}

/* Queue 0 has the newest sample, and is merged first. */
Test(sequence, rate_is_that_of_the_newest_sample_of_all_queues)
{
	struct psr_view view = { .group = GROUP, .rate = 1 };
	struct psr_group_stats stats;

	sequence_add(&tables[0], &view);
	view.group_seq = 1;
	sequence_add(&tables[1], &view);
	view.rate = 1000;
	view.group_seq = 2;
	sequence_add(&tables[0], &view);
	cr_assert_eq(merge(&stats, 1), 1);
	cr_expect_eq(stats.rate, 1000);
}

Test(sequence, groups_in_the_order_in_which_they_were_met)
{
	static const uint32_t groups[] = { 9, 0, UINT32_MAX, 4 };
	struct psr_group_stats stats[COUNT(groups)];

	for (size_t i = 0; i < COUNT(groups); i++)
		cr_assert_not(add(&tables[0], groups[i], 1));
	cr_assert_eq(merge(stats, COUNT(groups)), COUNT(groups));
	for (size_t i = 0; i < COUNT(groups); i++)
		cr_expect_eq(stats[i].group, groups[i]);
}

Test(sequence, groups_beyond_max_are_left_out)
{
	struct psr_group_stats stats[3] = { { 0 }, { 0 }, { .group = 4711 } };

	for (uint32_t group = 1; group <= 3; group++) {
		cr_assert_not(add(&tables[0], group, 2));
		cr_assert_not(add(&tables[1], group, 1));
	}
	cr_expect_eq(merge(stats, 2), 2);
	cr_expect_eq(stats[0].group, 1);
	cr_expect_eq(stats[0].received, 2);
	cr_expect_eq(stats[1].group, 2);
	cr_expect_eq(stats[2].group, 4711);
	cr_expect_eq(merge(NULL, 0), 0);
}

/* Groups from @first on, as many as there is room for. */
static void fill(uint32_t first)
{
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		(void)add(&tables[0], first + i, 1);
}

/* All 0: the group has no place. */
static struct psr_group_stats stats_of(uint32_t group)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];
	uint32_t count = merge(stats, PSR_TRACKED_MAX);

	for (uint32_t i = 0; i < count; i++)
		if (stats[i].group == group)
			return stats[i];
	return (struct psr_group_stats){ 0 };
}

static uint64_t received_of(uint32_t group)
{
	return stats_of(group).received;
}

Test(sequence, all_that_have_a_place_keep_it)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];

	for (uint32_t seq = 1; seq <= 2; seq++)
		for (uint32_t group = 0; group < PSR_TRACKED_MAX; group++)
			cr_assert_not(add(&tables[0], group, seq));
	cr_assert_eq(merge(stats, PSR_TRACKED_MAX), PSR_TRACKED_MAX);
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		cr_assert(stats[i].group == i && stats[i].received == 2 &&
			  stats[i].span == 2);
}

Test(sequence, the_group_longest_unused_is_evicted)
{
	fill(0);
	/* 0 and 2 are used again, so 1 and 3 go, and then 4. */
	cr_assert_not(add(&tables[0], 0, 2));
	cr_assert_not(add(&tables[0], 2, 2));
	for (uint32_t i = 0; i < 3; i++)
		cr_assert(add(&tables[0], PSR_TRACKED_MAX + i, 1));
	cr_expect_eq(received_of(0), 2);
	cr_expect_eq(received_of(1), 0);
	cr_expect_eq(received_of(2), 2);
	cr_expect_eq(received_of(3), 0);
	cr_expect_eq(received_of(4), 0);
	cr_expect_eq(received_of(5), 1);
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(received_of(PSR_TRACKED_MAX + i), 1);
}

/* One chance, not two: on its second round the hand takes it. */
Test(sequence, a_group_used_once_goes_in_the_next_round)
{
	fill(0);
	cr_assert_not(add(&tables[0], 0, 2));
	fill(PSR_TRACKED_MAX);
	cr_expect_eq(received_of(0), 0);
}

/* The hand meets nobody who was not used. */
Test(sequence, all_were_used)
{
	fill(0);
	fill(0);
	cr_assert(add(&tables[0], PSR_TRACKED_MAX, 1));
	cr_expect_eq(received_of(0), 0);
	cr_expect_eq(received_of(1), 2);
}

/* Nothing is left of what it was. */
Test(sequence, an_evicted_group_that_comes_back_is_a_new_one)
{
	static const struct psr_group_stats expected = { .group = 0,
							 .rate = RATE,
							 .received = 2,
							 .first_seq = 9000,
							 .highest_seq = 9002,
							 .span = 3,
							 .missing = 1,
							 .net_missing = 1,
							 .sequenced = 1 };
	struct psr_group_stats stats;

	for (uint32_t seq = 1000; seq > 900; seq--)
		cr_assert_not(add(&tables[0], 0, seq));
	cr_assert_not(add(&tables[0], 0, 1));
	cr_assert_not(add(&tables[0], 0, 1));
	fill(1);
	fill(PSR_TRACKED_MAX + 1);
	cr_assert_eq(received_of(0), 0);
	cr_assert(add(&tables[0], 0, 9000));
	cr_assert_not(add(&tables[0], 0, 9002));
	stats = stats_of(0);
	expect_stats("back", &stats, &expected);
}

/* Far more than there is room for, in turn: each is a new one each time. */
Test(sequence, groups_by_the_thousand)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];
	const uint32_t group_count = 5000;
	uint32_t evicted = 0;

	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t group = 0; group < group_count; group++)
			evicted += add(&tables[0], group, round);
	cr_expect_eq(evicted, 3 * group_count - PSR_TRACKED_MAX);
	cr_assert_eq(merge(stats, PSR_TRACKED_MAX), PSR_TRACKED_MAX);
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		cr_assert(stats[i].group >= group_count - PSR_TRACKED_MAX &&
			  stats[i].received == 1 && stats[i].first_seq == 2);
}

/* As one that begins anew whenever it is looked at. */
Test(sequence, an_entry_that_never_holds_still_is_left_out)
{
	struct psr_group_stats stats[2];

	cr_assert_not(add(&tables[0], 1, 1));
	cr_assert_not(add(&tables[0], 2, 1));
	tables[0].sequences[1].version++;
	cr_assert_eq(merge(stats, 2), 1);
	cr_expect_eq(stats[0].group, 2);
}

/* The hash of all groups is 0. */
Test(sequence, collisions)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];

	tables[0].multiplier = 0;
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t group = 0; group < PSR_TRACKED_MAX; group++)
			cr_assert_not(add(&tables[0], group, round));
	cr_assert_eq(merge(stats, PSR_TRACKED_MAX), PSR_TRACKED_MAX);
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		cr_assert(stats[i].group == i && stats[i].received == 2 &&
			  stats[i].duplicate == 0);
}

static void add_to_others(uint32_t victim, uint32_t seq)
{
	for (uint32_t group = 0; group < PSR_TRACKED_MAX; group++)
		if (group != victim)
			cr_assert_not(add(&tables[0], group, seq));
}

/* At the end of one chain, in its middle, at its beginning. */
Test(sequence, evictions_out_of_one_chain)
{
	static const uint32_t victims[] = { 0, 500, PSR_TRACKED_MAX - 1 };

	for (size_t i = 0; i < COUNT(victims); i++) {
		sequence_init();
		tables[0].multiplier = 0;
		fill(0);
		add_to_others(victims[i], 2);
		cr_assert(add(&tables[0], PSR_TRACKED_MAX, 1));
		/* All others are still found: none is a new one. */
		add_to_others(victims[i], 3);
		cr_assert_not(add(&tables[0], PSR_TRACKED_MAX, 2));
		cr_expect_eq(received_of(victims[i]), 0);
	}
}

Test(sequence, no_table_hashes_as_another_does)
{
	struct sequence_table *first = sequence_table_new();
	struct sequence_table *second = sequence_table_new();

	cr_assert(first && second);
	cr_expect_neq(first->multiplier, second->multiplier);
	free(first);
	free(second);
}
