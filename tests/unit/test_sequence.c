/* SPDX-License-Identifier: MIT */
/*
 * Sequence evidence: what a row of sequence numbers says, in one queue and
 * merged over several.
 */
#include "leaks.h"
#include "sequence.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GROUP	     5
#define RATE	     100

static struct sequence_table tables[3];

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
	SAME(net_missing);
	SAME(duplicate);
	SAME(reordered);
	SAME(sequenced);
#undef SAME
}

/* The numbers that each queue sees, in its order. */
struct evidence {
	const char *name;
	struct {
		uint32_t count;
		uint32_t seqs[8];
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
	    .span = 8, .net_missing = 4, .sequenced = 1 } },
	{ "over 2^32",
	  { { 4, { 0xfffffffe, 0xffffffff, 0, 1 } } },
	  { OF_GROUP, .received = 4, .first_seq = 0xfffffffe, .highest_seq = 1,
	    .span = 4, .sequenced = 1 } },
	{ "a gap over 2^32",
	  { { 2, { 0xfffffffe, 2 } } },
	  { OF_GROUP, .received = 2, .first_seq = 0xfffffffe, .highest_seq = 2,
	    .span = 5, .net_missing = 3, .sequenced = 1 } },
	{ "round more than once, in strides below 2^31",
	  { { 5, { 0, 0x70000000, 0xe0000000, 0x50000000, 0x50000001 } } },
	  { OF_GROUP, .received = 5, .highest_seq = 0x50000001,
	    .span = 0x150000002, .net_missing = 0x14ffffffd, .sequenced = 1 } },
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
	  { OF_GROUP, .received = 2, .span = 1, .net_missing = -1,
	    .sequenced = 0 } },
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
	    .span = 14, .net_missing = 11, .sequenced = 1 } },
	{ "three queues over 2^32, one sample lost",
	  { { 2, { 0xffffffff, 2 } }, { 2, { 0, 3 } }, { 1, { 4 } } },
	  { OF_GROUP, .received = 5, .first_seq = 0xffffffff, .highest_seq = 4,
	    .span = 6, .net_missing = 1, .sequenced = 1 } },
	{ "the later queue has the first number, before 2^32",
	  { { 2, { 0, 2 } }, { 2, { 0xffffffff, 1 } } },
	  { OF_GROUP, .received = 4, .first_seq = 0xffffffff, .highest_seq = 2,
	    .span = 4, .sequenced = 1 } },
	{ "the middle queue saw nothing",
	  { { 2, { 0, 3 } }, { 0, { 0 } }, { 1, { 2 } } },
	  { OF_GROUP, .received = 3, .highest_seq = 3, .span = 4,
	    .net_missing = 1, .sequenced = 1 } },
};

static void sequence_init(void)
{
	memset(tables, 0, sizeof(tables));
}

static void feed(const struct evidence *evidence)
{
	sequence_init();
	for (size_t q = 0; q < COUNT(tables); q++)
		for (uint32_t i = 0; i < evidence->queues[q].count; i++)
			cr_assert(add(&tables[q], GROUP,
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
		cr_assert(add(&tables[0], groups[i], 1));
	cr_assert_eq(merge(stats, COUNT(groups)), COUNT(groups));
	for (size_t i = 0; i < COUNT(groups); i++)
		cr_expect_eq(stats[i].group, groups[i]);
}

Test(sequence, groups_beyond_max_are_left_out)
{
	struct psr_group_stats stats[3] = { { 0 }, { 0 }, { .group = 4711 } };

	for (uint32_t group = 1; group <= 3; group++) {
		cr_assert(add(&tables[0], group, 2));
		cr_assert(add(&tables[1], group, 1));
	}
	cr_expect_eq(merge(stats, 2), 2);
	cr_expect_eq(stats[0].group, 1);
	cr_expect_eq(stats[0].received, 2);
	cr_expect_eq(stats[1].group, 2);
	cr_expect_eq(stats[2].group, 4711);
	cr_expect_eq(merge(NULL, 0), 0);
}

Test(sequence, table_is_full)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];

	for (uint32_t group = 0; group < PSR_TRACKED_MAX; group++)
		cr_assert(add(&tables[0], group, 1));
	cr_expect_not(add(&tables[0], PSR_TRACKED_MAX, 1));
	cr_expect_not(add(&tables[0], UINT32_MAX, 1));
	/* Those that have a place keep it. */
	for (uint32_t group = 0; group < PSR_TRACKED_MAX; group++)
		cr_assert(add(&tables[0], group, 2));
	cr_assert_eq(merge(stats, PSR_TRACKED_MAX), PSR_TRACKED_MAX);
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		cr_assert(stats[i].group == i && stats[i].received == 2 &&
			  stats[i].span == 2);
}

/*
 * Groups that all want one bucket, the last one: multiples of the inverse of
 * the hash's multiplier give any product that one likes.
 */
#define HASH_INVERSE 0x144cbc89u

Test(sequence, collisions)
{
	static struct psr_group_stats stats[PSR_TRACKED_MAX];

	cr_assert_eq(HASH_INVERSE * 2654435769u, 1u);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
			cr_assert(add(&tables[0],
				      (0xffe00000u + i) * HASH_INVERSE, round));
	cr_assert_eq(merge(stats, PSR_TRACKED_MAX), PSR_TRACKED_MAX);
	for (uint32_t i = 0; i < PSR_TRACKED_MAX; i++)
		cr_assert(stats[i].group == (0xffe00000u + i) * HASH_INVERSE &&
			  stats[i].received == 2 && stats[i].duplicate == 0);
}
