/* SPDX-License-Identifier: MIT */
/*
 * What sampling a packet costs the CPU that sends it: of packets that are not
 * sampled, of ones whose samples nobody hears, and of ones that are read. The
 * synthetic source knows the last two.
 */
#ifndef COST_H
#define COST_H

#include "round.h"

/* ns of CPU for each packet sent, flat out; less than 0: does not apply */
struct cost {
	double unsampled;
	double unheard;
	double heard;
};

/* Of packets sent on the testbed as it is, to nobody. */
int cost_measure_unheard(const struct round_config *config, double *ret_ns,
			 const char **reterr_cause);

/* A round like any other: what it cannot account for is not to be ignored. */
int cost_measure_heard(const struct round_config *config, double *ret_ns,
		       struct balance *ret_balance, const char **reterr_cause);

#endif /* COST_H */
