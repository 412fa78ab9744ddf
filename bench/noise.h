/* SPDX-License-Identifier: MIT */
/*
 * Whether two sets of figures differ by more than chance. All of it works on
 * logarithms: there a machine that is slower by a factor is one that adds a
 * constant, and half as much and twice as much are the same step.
 */
#ifndef NOISE_H
#define NOISE_H

#include "figures.h"

#include <stdint.h>

/* Without a value if one of @figures is not above 0, and has no logarithm. */
struct figures noise_logs(const struct figures *figures);

/* a - b, round by round, as many as both have. */
struct figures noise_difference(const struct figures *a,
				const struct figures *b);

/* The median of @sets in each round, as many rounds as all have. */
struct figures noise_middle(const struct figures *sets, uint32_t count);

/*
 * The probability that figures of one and the same thing differ in the mean as
 * much as these logarithms do: B. L. Welch's test (1947), after outliers were
 * dropped. 1 if nothing can be said.
 */
double noise_probability(const struct figures *a, const struct figures *b);

/*
 * The highest of @probabilities that still counts, negative if none does: of a
 * whole family of tests without a real difference, one or more count with
 * probability @level (Y. Benjamini and Y. Hochberg, 1995). Sorts.
 */
double noise_cutoff(double *probabilities, uint32_t count, double level);

#endif /* NOISE_H */
