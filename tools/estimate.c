/* SPDX-License-Identifier: MIT */
/* Sums over samples, and what they say. */
#include "estimate.h"

#include <math.h>

#define Z_95 1.96 /* standard errors */

void estimate_add(double sums[ESTIMATE_SUMS], const double more[ESTIMATE_SUMS],
		  double correction)
{
	const double factors[ESTIMATE_SUMS] = {
		[ESTIMATE_SAMPLES] = 1,
		[ESTIMATE_SAMPLED_BYTES] = 1,
		[ESTIMATE_PACKETS] = correction,
		[ESTIMATE_BYTES] = correction,
		[ESTIMATE_SQUARES] = correction,
		[ESTIMATE_WEIGHTED_SQUARES] = correction * correction,
	};

	for (int i = 0; i < ESTIMATE_SUMS; i++)
		sums[i] += factors[i] * more[i];
}

double estimate_error_bytes(const double sums[ESTIMATE_SUMS])
{
	double variance =
		sums[ESTIMATE_WEIGHTED_SQUARES] - sums[ESTIMATE_SQUARES];

	/* Not below 0 but by rounding, or where two sums are of two moments. */
	return variance > 0 ? Z_95 * sqrt(variance) : 0;
}
