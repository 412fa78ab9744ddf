/* SPDX-License-Identifier: MIT */
/*
 * The highest rate without loss: rounds at one pace each. The pace doubles
 * until a round fails, then it is halved in, and the highest that a round has
 * kept up with must hold for three times as long.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "round.h"

/* Why a round at some pace failed. */
enum limit_cause {
	LIMIT_NONE,   /* it did not */
	LIMIT_LOSS,   /* samples were lost */
	LIMIT_BEHIND, /* the receiving side would have lost some, later */
	LIMIT_SENDER, /* the sender was slower than its pace */
};

struct limit {
	bool found;
	enum limit_cause cause; /* of what was above it */
	struct balance balance; /* of the long round at the rate found */
};

/* "samples were lost" and the like. */
const char *limit_cause_text(enum limit_cause cause);

/*
 * Each round takes @round_ns. Says each on standard error, and ends with the
 * first one that is not balanced.
 * @ret_total: of all rounds
 * Return: 0, 1 at a signal, or a negative errno with the cause.
 */
int limit_search(const struct round_config *config, uint64_t round_ns,
		 struct limit *ret_limit, struct balance *ret_total,
		 const char **reterr_cause);

#endif /* LIMIT_H */
