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
		[ESTIMATE_VARIANCE] = correction * correction,
	};

	for (int i = 0; i < ESTIMATE_SUMS; i++)
		sums[i] += factors[i] * more[i];
	/* c w (c w - 1) is c^2 w (w - 1) + c (c - 1) w */
	sums[ESTIMATE_VARIANCE] +=
		correction * (correction - 1) * more[ESTIMATE_SQUARES];
}

double estimate_error_bytes(const double sums[ESTIMATE_SUMS])
{
	return Z_95 * sqrt(sums[ESTIMATE_VARIANCE]);
}
