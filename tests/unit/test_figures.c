/* SPDX-License-Identifier: MIT */
/* Figures of several rounds, and how far their median can be trusted. */
#include "figures.h"
#include "leaks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct figures figures(uint32_t count, const double *values)
{
	struct figures made = { 0 };

	for (uint32_t i = 0; i < count; i++)
		figures_add(&made, values[i]);
	return made;
}

#define FIGURES(...)                                                \
	figures(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), \
		(double[]){ __VA_ARGS__ })

/* Skewed, as times are: at least 1, in the median 1 + ln 2. */
static double skewed(void)
{
	static unsigned int seed = 1;

	return 1 - log((rand_r(&seed) + 0.5) / (RAND_MAX + 1.0));
}

static struct figures skewed_rounds(uint32_t count)
{
	struct figures made = { 0 };

	while (made.count < count)
		figures_add(&made, skewed());
	return made;
}

TestSuite(figures, .fini = leaks_assert_none);

Test(figures, none)
{
	const struct figures none = { 0 };

	cr_expect_eq(figures_median(&none), 0);
	cr_expect_eq(figures_min(&none), 0);
	cr_expect_eq(figures_max(&none), 0);
	cr_expect_not(figures_differ(&none));
}

Test(figures, odd)
{
	const struct figures odd = FIGURES(5, 1, 9, 3, 7);

	cr_expect_eq(figures_median(&odd), 5);
	cr_expect_eq(figures_min(&odd), 1);
	cr_expect_eq(figures_max(&odd), 9);
	cr_expect_eq(odd.values[0], 5, "the order of the rounds is kept");
}

Test(figures, even)
{
	const struct figures even = FIGURES(4, 1, 2, 9);

	cr_expect_eq(figures_median(&even), 3);
}

Test(figures, no_more_than_fit)
{
	struct figures full = { 0 };

	for (uint32_t i = 0; i < ROUNDS_MAX + 3; i++)
		figures_add(&full, i);
	cr_expect_eq(full.count, ROUNDS_MAX);
	cr_expect_eq(figures_max(&full), ROUNDS_MAX - 1);
}

Test(figures, interval_of_few_rounds_is_all_of_them)
{
	const struct figures few = FIGURES(4, 1, 2, 9);
	struct interval interval = figures_interval(&few);

	cr_expect_eq(interval.low, 1);
	cr_expect_eq(interval.high, 9);
}

Test(figures, interval_is_the_same_each_time)
{
	const struct figures rounds = skewed_rounds(9);
	struct interval first = figures_interval(&rounds);
	struct interval again = figures_interval(&rounds);

	cr_expect_eq(first.low, again.low);
	cr_expect_eq(first.high, again.high);
}

/*
 * The ends are values or between two, so that with few the probability comes in
 * steps: as binomial coefficients say, 0.875 for the second and the sixth of 7.
 */
static const struct {
	uint32_t rounds;
	uint32_t held_min; /* of 400 */
} coverages[] = { { 5, 360 }, { 7, 332 }, { 9, 372 }, { 15, 364 } };

Test(figures, interval_holds_the_median)
{
	const double median = 1 + log(2);

	for (size_t i = 0; i < sizeof(coverages) / sizeof(coverages[0]); i++) {
		uint32_t held = 0;

		for (uint32_t j = 0; j < 400; j++) {
			const struct figures drawn =
				skewed_rounds(coverages[i].rounds);
			struct interval interval = figures_interval(&drawn);

			held += interval.low <= median &&
				median <= interval.high;
		}
		cr_expect_geq(held, coverages[i].held_min,
			      "%u rounds: %u of 400", coverages[i].rounds,
			      held);
		cr_expect_lt(held, 399, "%u rounds: %u of 400",
			     coverages[i].rounds, held);
	}
}

Test(figures, ratio_is_by_round)
{
	const struct figures a = FIGURES(2, 8, 6, 1);
	const struct figures b = FIGURES(1, 2, 0);
	const struct figures ratio = figures_ratio(&a, &b);

	cr_assert_eq(ratio.count, 3, "as many as both have");
	cr_expect_eq(ratio.values[0], 2);
	cr_expect_eq(ratio.values[1], 4);
	cr_expect(isnan(ratio.values[2]), "0 divides nothing");
}

Test(figures, a_round_without_a_value_keeps_its_place)
{
	const struct figures a = FIGURES(2, NAN, 9, 4, 6, 8);
	const struct figures b = FIGURES(1, 5, 3, 1, 1, 1);
	const struct figures ratio = figures_ratio(&a, &b);

	cr_expect_eq(figures_median(&a), 6);
	cr_expect_eq(figures_min(&a), 2);
	cr_expect_eq(figures_max(&a), 9);
	cr_expect_geq(figures_interval(&a).low, 2);
	cr_expect_eq(ratio.values[2], 3);
	cr_expect_eq(figures_median(&ratio), 4);
	cr_expect(figures_differ(&ratio));
}

Test(figures, differ)
{
	const struct figures less = FIGURES(.8, .9, .85, .7, .95);
	const struct figures more = FIGURES(1.1, 1.2, 1.3, 1.1, 1.2);
	const struct figures both = FIGURES(.9, 1.2, .8, 1.1, 1);
	const struct figures few = FIGURES(2, 2, 2, 2);

	cr_expect(figures_differ(&less));
	cr_expect(figures_differ(&more));
	cr_expect_not(figures_differ(&both));
	cr_expect_not(figures_differ(&few));
}
