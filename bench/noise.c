/* SPDX-License-Identifier: MIT */
/*
 * Welch's t without outliers. A round in which something else was at work is
 * far from the others; one such value would hide a real difference, for the
 * test takes it as spread. So what is OUTLIER deviations or more from the
 * median of its side is dropped, the deviation being the median distance, which
 * outliers hardly move. Were more than a third dropped, they would be no
 * outliers, and nothing is said.
 */
#include "noise.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define OUTLIER 5

/* A bell curve's standard deviation, in median distances. */
#define DEVIATION 1.4826

struct mean {
	double value;
	double variance; /* of the mean itself */
	double freedom;
};

struct figures noise_logs(const struct figures *figures)
{
	struct figures logs = { 0 };

	for (uint32_t i = 0; i < figures->count; i++) {
		if (!(figures->values[i] > 0))
			return (struct figures){ 0 };
		figures_add(&logs, log(figures->values[i]));
	}
	return logs;
}

struct figures noise_difference(const struct figures *a,
				const struct figures *b)
{
	uint32_t count = a->count < b->count ? a->count : b->count;
	struct figures difference = { 0 };

	for (uint32_t i = 0; i < count; i++)
		figures_add(&difference, a->values[i] - b->values[i]);
	return difference;
}

struct figures noise_middle(const struct figures *sets, uint32_t count)
{
	uint32_t rounds = count ? ROUNDS_MAX : 0;
	struct figures middle = { 0 };

	for (uint32_t i = 0; i < count; i++)
		if (sets[i].count < rounds)
			rounds = sets[i].count;
	for (uint32_t round = 0; round < rounds; round++) {
		struct figures across = { 0 };

		for (uint32_t i = 0; i < count; i++)
			figures_add(&across, sets[i].values[round]);
		figures_add(&middle, figures_median(&across));
	}
	return middle;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Distances from the median. Return: the end of what was written. */
static double *distances(const struct figures *figures, double *out)
{
	double median = figures_median(figures);

	for (uint32_t i = 0; i < figures->count; i++)
		*out++ = fabs(figures->values[i] - median);
	return out;
}

/*
 * Of both sides together. The two smallest distances are left out: each side's
 * median is one of its own values, and as such always at distance 0.
 */
static double deviation(const struct figures *a, const struct figures *b)
{
	double all[2 * ROUNDS_MAX];
	const double *end = distances(b, distances(a, all));
	size_t count = (size_t)(end - all);

	qsort(all, count, sizeof(all[0]), compare);
	return DEVIATION * (all[(count + 1) / 2] + all[count / 2 + 1]) / 2;
}

static struct figures without_outliers(const struct figures *figures,
				       double limit)
{
	double median = figures_median(figures);
	struct figures kept = { 0 };

	for (uint32_t i = 0; i < figures->count; i++)
		if (fabs(figures->values[i] - median) <= limit)
			figures_add(&kept, figures->values[i]);
	return kept;
}

static struct mean mean_of(const struct figures *figures)
{
	struct mean mean = { .freedom = figures->count - 1 };
	double squares = 0;

	for (uint32_t i = 0; i < figures->count; i++)
		mean.value += figures->values[i] / figures->count;
	for (uint32_t i = 0; i < figures->count; i++)
		squares += pow(figures->values[i] - mean.value, 2);
	mean.variance = squares / mean.freedom / figures->count;
	return mean;
}

/* Of Lentz's method, where a 0 would be divided by. */
static double nonzero(double value)
{
	return fabs(value) < DBL_MIN ? DBL_MIN : value;
}

/*
 * The continued fraction of the incomplete beta function: DLMF 8.17.22, by
 * Lentz's method. It converges fast for x < (a + 1) / (a + b + 2).
 */
static double fraction(double x, double a, double b)
{
	double c = 1;
	double d = 1 / nonzero(1 - (a + b) * x / (a + 1));
	double value = d;
	double step = 0;

	for (int m = 1; m <= 300 && fabs(step - 1) > DBL_EPSILON; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x /
			     ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / nonzero(1 + even * d);
		c = nonzero(1 + even / c);
		value *= c * d;
		d = 1 / nonzero(1 + odd * d);
		c = nonzero(1 + odd / c);
		step = c * d;
		value *= step;
	}
	return value;
}

/* The regularised incomplete beta function. */
static double beta(double x, double a, double b)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
		    b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * fraction(x, a, b) / a;
	return 1 - front * fraction(1 - x, b, a) / b;
}

static double welch(const struct mean *a, const struct mean *b)
{
	double variance = a->variance + b->variance;
	double difference = a->value - b->value;
	double freedom;

	if (!(variance > 0))
		return difference == 0;
	freedom = variance * variance /
		  (a->variance * a->variance / a->freedom +
		   b->variance * b->variance / b->freedom);
	/* Student's distribution, both tails. */
	return beta(freedom / (freedom + difference * difference / variance),
		    freedom / 2, 0.5);
}

double noise_probability(const struct figures *a, const struct figures *b)
{
	struct figures kept[2];
	struct mean means[2];
	double limit;

	if (a->count < ROUNDS_FOR_INTERVAL || b->count < ROUNDS_FOR_INTERVAL)
		return 1;
	limit = OUTLIER * deviation(a, b);
	kept[0] = without_outliers(a, limit);
	kept[1] = without_outliers(b, limit);
	if (3 * kept[0].count < 2 * a->count ||
	    3 * kept[1].count < 2 * b->count)
		return 1;
	means[0] = mean_of(&kept[0]);
	means[1] = mean_of(&kept[1]);
	return welch(&means[0], &means[1]);
}

double noise_cutoff(double *probabilities, uint32_t count, double level)
{
	qsort(probabilities, count, sizeof(probabilities[0]), compare);
	for (uint32_t i = count; i > 0; i--)
		if (probabilities[i - 1] <= level * i / count)
			return probabilities[i - 1];
	return -1;
}
