/* SPDX-License-Identifier: MIT */
/*
 * psring stress --chaos: round after round of a schedule, each with an engine
 * of its own, each of them balanced.
 */
#ifndef CHAOS_H
#define CHAOS_H

#include "round.h"

struct chaos {
	uint32_t rounds;
	uint64_t resident_first_bytes; /* of the process, after round 1 */
	uint64_t resident_last_bytes;
};

struct chaos_config {
	struct round_config round; /* its engine is drawn anew each time */
	uint64_t seed;
	uint64_t duration_ns; /* of the schedule; 0: no end */
	bool verbose;	      /* print the schedule */
};

/*
 * Says each round on standard error, and ends with the first one that is not
 * balanced.
 * Return: 0, 1 at a signal, or a negative errno with the cause.
 */
int chaos_run(const struct chaos_config *config, struct chaos *ret_chaos,
	      struct balance *ret_total, const char **reterr_cause);

#endif /* CHAOS_H */
