/* SPDX-License-Identifier: MIT */
/*
 * What traffic samples stand for, and how far that may be off.
 *
 * A packet that is sampled with probability p stands for w = 1/p packets: the
 * estimate of Horvitz and Thompson (1952). Of bytes y it is the sum of w y, and
 * its variance is estimated without bias by the sum of w (w - 1) y^2. 1.96
 * standard errors to each side hold the truth 95 times in 100, where there are
 * more than a few samples. For packets of one size, sampled 1 in N with N large,
 * that is sFlow's rule: an error of at most 196 * sqrt(1/samples) percent.
 *
 * Where a part of the samples was lost, 1 in c came, p is p/c and w is c w. That
 * takes each loss for one by chance, which it is not: a full buffer loses whatever
 * comes until it has room. How much was lost is exact, whose it was nobody knows,
 * and traffic that came in the same burst has lost more than the rest. So where
 * something was lost the error is that of sampling alone, and the truth may be
 * further off.
 *
 * All of it is sums over samples, so that it can be added up over threads and
 * time, and none ever falls: each sample adds to the variance. double: a hostile size times a hostile rate does not fit 64 bits.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include "psring.h"

enum estimate_sum {
	ESTIMATE_SAMPLES,
	ESTIMATE_SAMPLED_BYTES,
	ESTIMATE_PACKETS,  /* w */
	ESTIMATE_BYTES,	   /* w y */
	ESTIMATE_SQUARES,  /* w y^2 */
	ESTIMATE_VARIANCE, /* w (w - 1) y^2 */
	ESTIMATE_SUMS,
};

/* What one sample adds to each sum. */
static inline void estimate_of_view(const struct psr_view *view,
				    double ret_sums[ESTIMATE_SUMS])
{
	double weight = view->rate, bytes = view->orig_size;

	if (view->fields & PSR_FIELD_PROBABILITY)
		weight = view->rate ? (double)UINT32_MAX / view->rate : 0;
	/* Whatever it says, it stands for itself. */
	if (weight < 1)
		weight = 1;
	ret_sums[ESTIMATE_SAMPLES] = 1;
	ret_sums[ESTIMATE_SAMPLED_BYTES] = bytes;
	ret_sums[ESTIMATE_PACKETS] = weight;
	ret_sums[ESTIMATE_BYTES] = weight * bytes;
	ret_sums[ESTIMATE_SQUARES] = weight * bytes * bytes;
	ret_sums[ESTIMATE_VARIANCE] = weight * (weight - 1) * bytes * bytes;
}

/*
 * Add @more to @sums, of which 1 in @correction came; 1: nothing was lost.
 */
void estimate_add(double sums[ESTIMATE_SUMS], const double more[ESTIMATE_SUMS],
		  double correction);

/* Half of the interval in which the bytes are, with 95 % confidence. */
double estimate_error_bytes(const double sums[ESTIMATE_SUMS]);

#endif /* ESTIMATE_H */
