/* SPDX-License-Identifier: MIT */
/* What samples stand for, how far it may be off, and where it is counted. */
#include "leaks.h"
#include "meter.h"
#include "random.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(meter, .fini = leaks_assert_none);

/* Each test is a process of its own. */
static struct meter_lines all;

static const struct meter_line *find(enum meter_kind kind, uint64_t key)
{
	const struct meter_line *lines = all.of[kind];

	for (uint32_t i = 0; i <= METER_ROWS; i++) {
		if (lines[i].is_used && lines[i].key == key)
			return &lines[i];
	}
	return NULL;
}

static uint64_t key_of(uint64_t iif, uint64_t oif)
{
	return iif << 32 | oif;
}

static struct meter *open_meter(uint32_t queues)
{
	struct meter *meter = NULL;

	cr_assert_eq(meter_open(queues, &meter), 0);
	return meter;
}

static void look(struct meter *meter, double correction)
{
	meter_begin(&all);
	meter_look(meter, 0, correction, &all);
}

Test(meter, adds_queues_up)
{
	struct psr_view view = {
		.group = 5,
		.iif = 3,
		.rate = 100,
		.orig_size = 1000,
		.fields = PSR_FIELD_IIF,
	};
	struct meter *meter = open_meter(2);
	const struct meter_line *line;

	meter_add(meter, 0, &view, 1);
	meter_add(meter, 1, &view, 1);
	meter_begin(&all);
	meter_look(meter, 0, 1, &all);
	meter_look(meter, 1, 1, &all);
	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++) {
		line = find(kind,
			    kind == METER_GROUP ? 5 : key_of(3, METER_UNKNOWN));
		cr_assert_not_null(line);
		cr_expect_eq(line->total[ESTIMATE_SAMPLES], 2);
		cr_expect_eq(line->total[ESTIMATE_SAMPLED_BYTES], 2000);
		cr_expect_eq(line->total[ESTIMATE_PACKETS], 200);
		cr_expect_eq(line->total[ESTIMATE_BYTES], 200000);
	}
	meter_close(meter);
}

Test(meter, tells_what_came_since)
{
	struct psr_view view = { .group = 5, .rate = 2, .orig_size = 100 };
	struct meter *meter = open_meter(1);
	const struct meter_line *line;

	meter_add(meter, 0, &view, 1);
	look(meter, 1);
	meter_add(meter, 0, &view, 1);
	look(meter, 1);
	line = find(METER_GROUP, 5);
	cr_assert_not_null(line);
	cr_expect_eq(line->since[ESTIMATE_BYTES], 200);
	cr_expect_eq(line->total[ESTIMATE_BYTES], 400);
	look(meter, 1);
	cr_expect_eq(line->since[ESTIMATE_BYTES], 0);
	meter_close(meter);
}

/* Of each interval its own loss: 3 of 4 came, then all. */
Test(meter, corrects_what_was_lost_when_it_was)
{
	struct psr_view view = { .group = 5, .rate = 10, .orig_size = 100 };
	struct meter *meter = open_meter(1);
	const struct meter_line *line;

	for (int i = 0; i < 3; i++)
		meter_add(meter, 0, &view, 1);
	look(meter, 4.0 / 3);
	line = find(METER_GROUP, 5);
	cr_assert_not_null(line);
	cr_expect(line->has_loss);
	meter_add(meter, 0, &view, 1);
	look(meter, 1);
	cr_expect(!line->has_loss);
	cr_expect_float_eq(line->total[ESTIMATE_BYTES], 5000, 1e-6);
	cr_expect_float_eq(line->total[ESTIMATE_PACKETS], 50, 1e-6);
	cr_expect_eq(line->total[ESTIMATE_SAMPLES], 4);
	meter_close(meter);
}

/* A packet that goes from 7 to 9 is not another one that came by 7. */
Test(meter, tells_interfaces_apart)
{
	const struct psr_view views[] = {
		{ .iif = 7, .oif = 9, .fields = PSR_FIELD_IIF | PSR_FIELD_OIF },
		{ .iif = 7, .oif = 9, .fields = PSR_FIELD_IIF },
		{ .oif = 7, .fields = PSR_FIELD_OIF },
		{ .iif = 0, .fields = PSR_FIELD_IIF },
		{ .iif = 7 },
	};
	const uint64_t keys[] = { key_of(7, 9), key_of(7, METER_UNKNOWN),
				  key_of(METER_UNKNOWN, 7),
				  key_of(0, METER_UNKNOWN),
				  key_of(METER_UNKNOWN, METER_UNKNOWN) };
	struct meter *meter = open_meter(1);

	meter_add(meter, 0, views, 5);
	look(meter, 1);
	for (int i = 0; i < 5; i++) {
		const struct meter_line *line = find(METER_INTERFACE, keys[i]);

		cr_assert_not_null(line, "view %d", i);
		cr_expect_eq(line->total[ESTIMATE_SAMPLES], 1);
	}
	meter_close(meter);
}

/* Numbers that the kernel does not give: not those of the others' line. */
Test(meter, believes_no_impossible_interface)
{
	const struct psr_view view = { .iif = UINT32_MAX,
				       .oif = UINT32_MAX,
				       .fields =
					       PSR_FIELD_IIF | PSR_FIELD_OIF };
	struct meter *meter = open_meter(1);

	meter_add(meter, 0, &view, 1);
	look(meter, 1);
	cr_expect_null(find(METER_INTERFACE, METER_OTHERS));
	cr_expect_not_null(
		find(METER_INTERFACE, key_of(METER_UNKNOWN, METER_UNKNOWN)));
	meter_close(meter);
}

/* A switch: from each of 20 to each of 20 is not too much for 1024 places. */
Test(meter, has_room_for_pairs)
{
	struct psr_view view = { .fields = PSR_FIELD_IIF | PSR_FIELD_OIF };
	struct meter *meter = open_meter(1);

	for (view.iif = 1; view.iif <= 20; view.iif++)
		for (view.oif = 1; view.oif <= 20; view.oif++)
			meter_add(meter, 0, &view, 1);
	look(meter, 1);
	cr_expect_null(find(METER_INTERFACE, METER_OTHERS));
	meter_close(meter);
}

/* Group and interface 7 of a network namespace are not those of another. */
Test(meter, tells_namespaces_apart)
{
	const struct psr_view views[] = {
		{ .group = 7, .nsid = PSR_NSID_OWN },
		{ .group = 7, .nsid = 0 },
		{ .group = 7, .nsid = INT32_MAX },
	};
	struct meter *meter = open_meter(1);
	uint32_t found = 0;

	for (int i = 0; i < 3; i++)
		meter_add(meter, 0, views, 3);
	look(meter, 1);
	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct meter_line *line = &all.of[METER_GROUP][i];

		if (!line->is_used)
			continue;
		cr_expect_eq(line->key, 7);
		cr_expect_eq(line->total[ESTIMATE_SAMPLES], 3);
		found++;
	}
	cr_expect_eq(found, 3);
	meter_close(meter);
}

/* Open vSwitch's rate is a share of UINT32_MAX; a rate of 0 is a lie. */
Test(meter, knows_a_probability)
{
	const struct psr_view views[] = {
		{ .rate = UINT32_MAX / 4 + 1, .fields = PSR_FIELD_PROBABILITY },
		{ .rate = UINT32_MAX, .fields = PSR_FIELD_PROBABILITY },
		{ .rate = 0, .fields = PSR_FIELD_PROBABILITY },
		{ .rate = 0 },
	};
	const double weights[] = { 4, 1, 1, 1 };
	double sums[ESTIMATE_SUMS];

	for (int i = 0; i < 4; i++) {
		estimate_of_view(&views[i], sums);
		cr_expect_float_eq(sums[ESTIMATE_PACKETS], weights[i], 1e-6);
	}
}

/* 1 in 1, nothing lost: no doubt. Else 196 % of the root of 1/samples. */
Test(meter, errs_as_sflow_says)
{
	struct psr_view view = { .rate = 1, .orig_size = 500 };
	double sums[ESTIMATE_SUMS] = { 0 }, one[ESTIMATE_SUMS];

	estimate_of_view(&view, one);
	estimate_add(sums, one, 1);
	cr_expect_eq(estimate_error_bytes(sums), 0);
	view.rate = 1000000;
	memset(sums, 0, sizeof(sums));
	estimate_of_view(&view, one);
	for (int i = 0; i < 400; i++)
		estimate_add(sums, one, 1);
	cr_expect_float_eq(estimate_error_bytes(sums) / sums[ESTIMATE_BYTES],
			   1.96 * sqrt(1.0 / 400), 1e-6);
}

/* Of two samples, of which 2 of 3 came: each stands for 1.5 times as many. */
Test(meter, adds_variances_up)
{
	const struct psr_view view = { .rate = 10, .orig_size = 100 };
	double sums[ESTIMATE_SUMS] = { 0 }, one[ESTIMATE_SUMS];

	estimate_of_view(&view, one);
	estimate_add(sums, one, 1);
	cr_expect_eq(sums[ESTIMATE_VARIANCE], 10 * 9 * 1e4);
	estimate_add(sums, one, 1.5);
	cr_expect_eq(sums[ESTIMATE_VARIANCE], (10 * 9 + 15 * 14) * 1e4);
}

/*
 * One run of chance: is the truth inside of the error? Every tenth packet is of
 * the group in question; how much was lost is known of all groups together.
 */
static bool holds(uint64_t *seed, uint32_t rate, uint32_t lost_in_100)
{
	double sums[ESTIMATE_SUMS] = { 0 }, group[ESTIMATE_SUMS] = { 0 };
	double truth = 0, kept = 0, lost = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		struct psr_view view = {
			.rate = rate,
			.orig_size = random_between(seed, 64, 1500),
		};

		truth += i % 10 ? 0 : view.orig_size;
		if (random_between(seed, 1, rate) > 1)
			continue;
		if (random_between(seed, 1, 100) <= lost_in_100) {
			lost++;
			continue;
		}
		kept++;
		estimate_of_view(&view, sums);
		if (i % 10 == 0)
			estimate_add(group, sums, 1);
	}
	memset(sums, 0, sizeof(sums));
	estimate_add(sums, group, (kept + lost) / kept);
	return fabs(sums[ESTIMATE_BYTES] - truth) <= estimate_error_bytes(sums);
}

/* 95 times in 100, also where samples were lost; the seed makes it certain. */
Test(meter, error_holds_the_truth)
{
	const uint32_t losses[] = { 0, 40 };

	for (int i = 0; i < 2; i++) {
		uint64_t seed = 11;
		uint32_t held = 0;

		for (int run = 0; run < 1000; run++)
			held += holds(&seed, 10, losses[i]);
		cr_expect(held > 930 && held < 970, "%u of 1000", held);
	}
}

/* More groups than places: each sample is somewhere all the same. */
Test(meter, counts_strangers_with_the_others)
{
	struct meter *meter = open_meter(1);
	const struct meter_line *lines;
	struct psr_view view = { .rate = 1 };
	double sum = 0;

	for (view.group = 0; view.group < 100000; view.group++)
		meter_add(meter, 0, &view, 1);
	look(meter, 1);
	lines = all.of[METER_GROUP];
	for (uint32_t i = 0; i <= METER_ROWS; i++)
		sum += lines[i].total[ESTIMATE_SAMPLES];
	cr_expect_eq(sum, 100000);
	cr_expect_gt(lines[METER_ROWS].total[ESTIMATE_SAMPLES], 90000);
	cr_expect(lines[METER_ROWS].is_used);
	meter_close(meter);
}

/* Interfaces that were there once keep no place from those of today. */
Test(meter, makes_room_for_newcomers)
{
	struct meter *meter = open_meter(1);
	const struct meter_line *others = &all.of[METER_GROUP][METER_ROWS];
	struct psr_view view = { .rate = 1, .nsid = PSR_NSID_OWN };
	double before, sum = 0;

	for (view.group = 0; view.group < 100000; view.group++)
		meter_add(meter, 0, &view, 1);
	look(meter, 1);
	before = others->total[ESTIMATE_SAMPLES];
	meter_add(meter, 0, &view, 1);
	look(meter, 1);
	cr_expect_null(find(METER_GROUP, 100000), "too early");
	cr_expect_eq(others->total[ESTIMATE_SAMPLES], before + 1);
	for (int i = 0; i < METER_IDLE_LOOKS; i++)
		look(meter, 1);
	for (view.group = 200000; view.group < 200500; view.group++)
		meter_add(meter, 0, &view, 1);
	look(meter, 1);
	for (uint32_t group = 200000; group < 200500; group++)
		cr_expect_not_null(find(METER_GROUP, group));
	cr_expect_eq(others->total[ESTIMATE_SAMPLES], before + 1 + 500);
	cr_expect_eq(others->since[ESTIMATE_SAMPLES], 0);
	for (uint32_t i = 0; i <= METER_ROWS; i++)
		sum += all.of[METER_GROUP][i].total[ESTIMATE_SAMPLES];
	cr_expect_eq(sum, 100501);
	meter_close(meter);
}

Test(meter, times_what_has_a_timestamp)
{
	const struct psr_view views[] = {
		{ .timestamp_ns = 1, .fields = PSR_FIELD_TIMESTAMP },
		{ .timestamp_ns = UINT64_MAX, .fields = PSR_FIELD_TIMESTAMP },
		{ .timestamp_ns = 0 },
	};
	struct meter *meter = open_meter(1);
	const struct histogram *latency;

	meter_add(meter, 0, views, 3);
	latency = meter_latency(meter, 0);
	cr_expect_eq(latency->count, 2);
	cr_expect_eq(latency->buckets[0], 1, "from the future");
	cr_expect_eq(latency->sum, METER_LATENCY_MAX, "of 1970");
	meter_close(meter);
}
