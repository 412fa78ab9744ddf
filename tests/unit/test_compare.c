/* SPDX-License-Identifier: MIT */
/*
 * Comparing two runs: a change that was planted is named, and nothing else is,
 * whatever the machine did meanwhile.
 */
#include "compare.h"
#include "leaks.h"
#include "noise.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 9
#define RATES  10
#define PAIRS  40

static const char *const readers[] = { "recv", "peek_recv", "mnl",
				       "bare", "psring",    "psring_direct" };

#define READERS	  (sizeof(readers) / sizeof(readers[0]))
#define BASELINES 4

static struct results before, after;
static char *text;
static size_t text_bytes;
static uint32_t regressed;
static unsigned int seed;

static double uniform(void)
{
	return (rand_r(&seed) + 0.5) / (RAND_MAX + 1.0);
}

/* Near enough to a bell curve of deviation 1. */
static double bell(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

/* 4 % of noise, and a round in 30 is far off. */
static double noise(void)
{
	return exp(0.04 * bell()) * (uniform() < 1.0 / 30 ? 1.5 : 1);
}

static struct result *add_row(struct results *results, const char *scenario,
			      const char *reader)
{
	struct result *row = &results->rows[results->count++];

	*row = (struct result){ .params = params_none, .rounds = ROUNDS };
	snprintf(row->scenario, sizeof(row->scenario), "%s", scenario);
	snprintf(row->reader, sizeof(row->reader), "%s", reader);
	return row;
}

/* A machine that is @speed times as slow, and another in each round. */
static void measure(struct results *results, double speed)
{
	results->count = 0;
	results->quick = false;
	results->machine.cpus = 2;
	for (uint32_t rate = 0; rate < RATES; rate++) {
		double rounds[ROUNDS];

		for (size_t i = 0; i < ROUNDS; i++)
			rounds[i] = speed * exp(0.05 * bell());
		for (size_t i = 0; i < READERS; i++) {
			struct result *row =
				add_row(results, "rate", readers[i]);

			row->params.rate = 1000 * (rate + 1);
			if (i >= BASELINES)
				row->params.wait_us = 1000;
			for (size_t j = 0; j < ROUNDS; j++)
				figures_add(&row->figures[METRIC_CPU],
					    500.0 * (double)(i + 1) *
						    rounds[j] * noise());
		}
	}
}

static void scale(struct result *row, enum metric metric, double factor)
{
	for (uint32_t i = 0; i < row->figures[metric].count; i++)
		row->figures[metric].values[i] *= factor;
}

static int compare(void)
{
	FILE *stream;
	int error;

	free(text);
	stream = open_memstream(&text, &text_bytes);
	cr_assert_not_null(stream);
	error = compare_print(&before, &after, stream, &regressed);
	fclose(stream);
	return error;
}

static bool says(const char *part)
{
	return strstr(text, part);
}

static void setup(void)
{
	seed = 1;
	measure(&before, 1);
	measure(&after, 1);
}

static void teardown(void)
{
	free(text);
	text = NULL;
	leaks_assert_none();
}

TestSuite(compare, .init = setup, .fini = teardown);

/* Also on a machine that is slower or faster, in 19 of 20 pairs of runs. */
Test(compare, same_program)
{
	uint32_t named = 0;

	for (int i = 0; i < PAIRS; i++) {
		measure(&before, 1);
		measure(&after, 0.85 + 0.35 * uniform());
		cr_assert_eq(compare(), 0);
		named += !says("20 judged: 0 regressed, 0 improved, 20 no "
			       "change beyond noise; 0 not judged");
	}
	cr_expect_leq(named, PAIRS / 20);
}

Test(compare, planted)
{
	uint32_t found = 0;

	for (int i = 0; i < PAIRS; i++) {
		measure(&before, 1);
		measure(&after, 1.15);
		scale(&after.rows[4], METRIC_CPU, 1.15);
		cr_assert_eq(compare(), 0);
		found += regressed == 1;
	}
	cr_expect_geq(found, PAIRS * 3 / 4, "%u of %d", found, PAIRS);
}

Test(compare, names_it)
{
	scale(&after.rows[4], METRIC_CPU, 1.4);
	scale(&after.rows[11], METRIC_CPU, 0.6);
	cr_assert_eq(compare(), 0);
	cr_expect_eq(regressed, 1);
	cr_expect(says("  regressed\n"));
	cr_expect(says("  improved\n"));
	cr_expect(says("20 judged: 1 regressed, 1 improved, 18 no change"));
	cr_expect(says("rate     psring         rate 1000, wait_us 1000"));
}

Test(compare, machine_alone)
{
	for (uint32_t i = 0; i < after.count; i++)
		scale(&after.rows[i], METRIC_CPU, 1.5);
	cr_assert_eq(compare(), 0);
	cr_expect_eq(regressed, 0);
	cr_expect(says("machine: rate: CPU ns of the baselines 1."), "%s",
		  text);
}

Test(compare, more_is_better)
{
	for (size_t i = 0; i < ROUNDS; i++) {
		figures_add(&before.rows[4].figures[METRIC_NDR],
			    1000 * noise());
		figures_add(&after.rows[4].figures[METRIC_NDR], 500 * noise());
	}
	cr_assert_eq(compare(), 0);
	cr_expect_eq(regressed, 1);
	cr_expect(says("  regressed (no baseline)\n"), "%s", text);
}

/* Baselines that became slower do not make what waits better. */
Test(compare, latency_that_stays)
{
	for (uint32_t i = 0; i < READERS; i++) {
		double usual = i < BASELINES ? 1e4 : 5e5;
		double later = i < BASELINES ? 1.5e4 : 5e5;

		for (size_t j = 0; j < ROUNDS; j++) {
			figures_add(&before.rows[i].figures[METRIC_LATENCY_P50],
				    usual * noise());
			figures_add(&after.rows[i].figures[METRIC_LATENCY_P50],
				    later * noise());
		}
	}
	cr_assert_eq(compare(), 0);
	cr_expect(says("22 judged: 0 regressed, 0 improved"), "%s", text);
}

Test(compare, memory_has_no_baseline)
{
	for (uint32_t i = 0; i < READERS; i++)
		for (size_t j = 0; j < ROUNDS; j++) {
			figures_add(&before.rows[i].figures[METRIC_MEMORY],
				    1e6);
			figures_add(&after.rows[i].figures[METRIC_MEMORY],
				    i < BASELINES ? 3e6 : 1e6);
		}
	cr_assert_eq(compare(), 0);
	cr_expect(says("22 judged: 0 regressed, 0 improved"), "%s", text);
	cr_expect_not(says("no baseline"));
}

Test(compare, what_cannot_be_judged)
{
	strcpy(after.rows[4].invalid, "one CPU");
	before.rows[5].figures[METRIC_CPU].count = 4;
	before.rows[10].figures[METRIC_CPU].values[3] = 0;
	add_row(&before, "ring", "psring");
	add_row(&after, "ring", "ck_ring");
	add_row(&after, "decode", "psring");
	cr_assert_eq(compare(), 0);
	cr_expect(says("17 judged: "));
	cr_expect(says("; 3 not judged"));
	cr_expect(says("only before: 1, only after: 2\n"));
}

Test(compare, nothing_in_common)
{
	before.count = 0;
	cr_assert_eq(compare(), 0);
	cr_expect_eq(regressed, 0);
	cr_expect(says("0 judged"));
}

Test(compare, quick_is_refused)
{
	regressed = 7;
	after.quick = true;
	cr_expect_eq(compare(), -EINVAL);
	cr_expect_eq(regressed, 7);
	cr_expect_str_eq(
		text,
		"the second is a quick run, which is not for comparison\n");
}

Test(compare, different_machines_are_told)
{
	strcpy(before.machine.kernel, "Linux 6.1");
	strcpy(after.machine.kernel, "Linux 6.12");
	strcpy(after.machine.cpu, "A CPU");
	after.machine.cpus = 4;
	cr_assert_eq(compare(), 0);
	cr_expect(says("different kernels: Linux 6.1, then Linux 6.12\n"));
	cr_expect(says("different CPUs: , then A CPU\n"));
	cr_expect(says("different numbers of CPUs: 2, then 4\n"));
}

/* From tables of Student's distribution: 5 % of both tails. */
Test(compare, probability)
{
	/* Both of variance 2.5 and mean distance 2.306 * 1: 8 freedoms. */
	const struct figures a = { 5, { 1, 2, 3, 4, 5 } };
	const struct figures b = { 5, { 3.306, 4.306, 5.306, 6.306, 7.306 } };
	const struct figures far = { 5, { 5, 5, 5, 5, 5 } };

	cr_expect_float_eq(noise_probability(&a, &b), 0.05, 1e-4);
	cr_expect_float_eq(noise_probability(&a, &a), 1, 1e-12);
	cr_expect_eq(noise_probability(&far, &far), 1);
}

Test(compare, cutoff)
{
	double some[] = { 0.04, 0.9, 0.001, 0.02 };
	double none[] = { 0.04, 0.05, 0.06 };

	cr_expect_eq(noise_cutoff(some, 4, 0.05), 0.02);
	cr_expect_lt(noise_cutoff(none, 2, 0.03), 0);
	cr_expect_lt(noise_cutoff(none, 0, 0.05), 0);
}
