/* SPDX-License-Identifier: MIT */
/* The histogram of latencies: no value is told wrong by more than 1/128. */
#include "histogram.h"
#include "leaks.h"

#include <criterion/criterion.h>

TestSuite(histogram, .fini = leaks_assert_none);

Test(histogram, buckets_follow_each_other_and_end)
{
	uint32_t last = 0;

	for (uint64_t value = 1; value < 100000; value++) {
		uint32_t bucket = histogram_bucket(value);

		cr_assert(bucket == last || bucket == last + 1, "%lu", value);
		last = bucket;
	}
	cr_assert_lt(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS);
}

Test(histogram, quantiles_are_within_a_bucket)
{
	static struct histogram histogram;
	uint64_t told;

	for (uint64_t value = 1; value <= 100000; value++)
		histogram_add(&histogram, value);
	for (uint32_t percent = 1; percent <= 100; percent++) {
		told = histogram_quantile(&histogram, percent / 100.0);
		cr_expect_geq(told, percent * 1000u);
		cr_expect_leq(told,
			      percent * 1000u + percent * 1000u / 128 + 1);
	}
	cr_expect_eq(histogram_quantile(&histogram, 1), 100000);
}

Test(histogram, small_values_are_exact)
{
	static struct histogram histogram;

	for (uint64_t value = 0; value < 64; value++)
		histogram_add(&histogram, value);
	cr_expect_eq(histogram_quantile(&histogram, 0.5), 31);
	cr_expect_eq(histogram_quantile(&histogram, 1), 63);
}

Test(histogram, merging_adds)
{
	static struct histogram a, b;

	for (uint64_t value = 0; value < 1000; value++)
		histogram_add(value % 2 ? &a : &b, value * 1000);
	histogram_merge(&a, &b);
	cr_expect_eq(a.count, 1000);
	cr_expect_eq(a.max, 999000);
	cr_expect_geq(histogram_quantile(&a, 0.5), 499000);
	cr_expect_leq(histogram_quantile(&a, 0.5), 515000);
}

Test(histogram, tells_what_came_since)
{
	static struct histogram histogram, before, since;

	for (uint64_t value = 0; value < 1000; value++)
		histogram_add(&histogram, 7);
	histogram_merge(&before, &histogram);
	for (uint64_t value = 1; value <= 100; value++)
		histogram_add(&histogram, value);
	histogram_since(&histogram, &before, &since);
	cr_expect_eq(since.count, 100);
	cr_expect_eq(since.sum, 5050);
	cr_expect_eq(histogram_quantile(&since, 0.5), 50);
}

Test(histogram, counts_what_is_below_a_power_of_two)
{
	static struct histogram histogram;

	for (uint64_t value = 0; value < 100000; value++)
		histogram_add(&histogram, value);
	for (uint64_t value = 1; value < 100000; value *= 2)
		cr_expect_eq(histogram_below(&histogram, value), value);
}

Test(histogram, empty_tells_nothing)
{
	static struct histogram histogram;

	cr_expect_eq(histogram_quantile(&histogram, 0.5), 0);
}
