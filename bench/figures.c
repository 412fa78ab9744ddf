/* SPDX-License-Identifier: MIT */
/*
 * Median, extremes and the bootstrap (B. Efron, 1979): the values are drawn
 * again with replacement, many times, and the medians of the draws are spread
 * as medians of further rounds would be. It takes the values as they come, and
 * asks for no bell curve.
 */
#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS	  2000
#define DRAWS_CUT (DRAWS / 40) /* 2.5 % on each side */

void figures_add(struct figures *figures, double value)
{
	if (figures->count < ROUNDS_MAX)
		figures->values[figures->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Without the rounds that have none. */
static struct figures present(const struct figures *figures)
{
	struct figures values = { 0 };

	for (uint32_t i = 0; i < figures->count; i++)
		if (!isnan(figures->values[i]))
			figures_add(&values, figures->values[i]);
	return values;
}

/* Sorts @values. */
static double median(double *values, uint32_t count)
{
	if (count == 0)
		return 0;
	qsort(values, count, sizeof(values[0]), compare);
	if (count % 2)
		return values[count / 2];
	return (values[count / 2 - 1] + values[count / 2]) / 2;
}

double figures_median(const struct figures *figures)
{
	struct figures values = present(figures);

	return median(values.values, values.count);
}

double figures_min(const struct figures *figures)
{
	double least = NAN;

	/* fmin and fmax take the one that is a number. */
	for (uint32_t i = 0; i < figures->count; i++)
		least = fmin(least, figures->values[i]);
	return isnan(least) ? 0 : least;
}

double figures_max(const struct figures *figures)
{
	double most = NAN;

	for (uint32_t i = 0; i < figures->count; i++)
		most = fmax(most, figures->values[i]);
	return isnan(most) ? 0 : most;
}

/* xorshift64*: the draws are the same in every run. */
static uint32_t draw(uint64_t *state, uint32_t count)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545f4914f6cdd1dULL >> 32) * count >> 32);
}

struct interval figures_interval(const struct figures *figures)
{
	static const uint64_t seed = 0x9e3779b97f4a7c15ULL;
	struct figures values = present(figures);
	double medians[DRAWS];
	struct figures drawn;
	uint64_t state = seed;

	if (values.count < ROUNDS_FOR_INTERVAL)
		return (struct interval){ figures_min(figures),
					  figures_max(figures) };
	for (uint32_t i = 0; i < DRAWS; i++) {
		drawn.count = 0;
		while (drawn.count < values.count)
			figures_add(&drawn,
				    values.values[draw(&state, values.count)]);
		medians[i] = median(drawn.values, drawn.count);
	}
	qsort(medians, DRAWS, sizeof(medians[0]), compare);
	return (struct interval){ medians[DRAWS_CUT],
				  medians[DRAWS - 1 - DRAWS_CUT] };
}

struct figures figures_ratio(const struct figures *a, const struct figures *b)
{
	uint32_t count = a->count < b->count ? a->count : b->count;
	struct figures ratio = { 0 };

	for (uint32_t i = 0; i < count; i++)
		figures_add(&ratio, b->values[i] > 0
					    ? a->values[i] / b->values[i]
					    : NAN);
	return ratio;
}

bool figures_differ(const struct figures *ratio)
{
	struct interval interval = figures_interval(ratio);

	return present(ratio).count >= ROUNDS_FOR_INTERVAL &&
	       (interval.low > 1 || interval.high < 1);
}
