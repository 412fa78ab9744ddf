/* SPDX-License-Identifier: MIT */
/*
 * What the sequence numbers of each sample group say, per queue.
 *
 * The table is written by the thread that ingests and read by any: each field
 * is a relaxed atomic of one writer, so a reader sees whole numbers, which may
 * be one sample apart from each other. An entry is visible once its number is
 * counted in `count`: (A) sequence_add stores it with release, (B) a reader
 * loads it with acquire.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include "counter.h"
#include "psring.h"

#include <stdbool.h>

#define SEQUENCE_BUCKETS (2 * PSR_TRACKED_MAX)

struct sequence {
	uint32_t group;		/* constant once counted */
	uint32_t first;		/* likewise: the first number seen */
	_Atomic(uint32_t) rate; /* of the newest sample, and what it means */
	_Atomic(uint32_t) probability;
	counter ahead; /* from the first to the highest, past wraps */
	counter received;
	counter duplicate;
	counter reordered;
};

struct sequence_table {
	struct sequence sequences[PSR_TRACKED_MAX];
	_Atomic(uint32_t) count;
	uint16_t buckets[SEQUENCE_BUCKETS]; /* index + 1; 0: free */
};

/* False: the group found no place. */
bool sequence_add(struct sequence_table *table, const struct psr_view *view);

struct sequence_groups {
	struct psr_group_stats *groups; /* [max] */
	uint32_t max;
	uint32_t count;
};

/* Adds what @table says to @merged. */
void sequence_merge(const struct sequence_table *table,
		    struct sequence_groups *merged);

#endif /* SEQUENCE_H */
