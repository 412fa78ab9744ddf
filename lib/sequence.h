/* SPDX-License-Identifier: MIT */
/*
 * What the sequence numbers of each sample group say, per queue. Each network
 * namespace has groups of its own: it is part of a group's key.
 *
 * The table is written by the thread that ingests and read by any. It has room
 * for PSR_TRACKED_MAX groups; one more takes the place of the group that was
 * longest unused. So an entry may become that of another group, or begin anew,
 * while it is read: its version tells.
 *
 * (A) sequence_begin makes the version odd, then stores the new fields, each
 *     with release; (B) sequence_read loads each with acquire, and the version
 *     once more: whoever has seen a new field also sees the new version. The
 *     fields that a sample changes are stored with release for the same reason.
 * (C) sequence_begin makes the version even with release, (D) sequence_read
 *     loads it with acquire: whoever sees it also sees all new fields.
 * (E) sequence_add counts a new entry with release, (F) sequence_merge loads
 *     the count with acquire: what is counted was begun.
 *
 * Between two samples a reader may see the fields one sample apart.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include "counter.h"
#include "psring.h"

#include <stdbool.h>

#define SEQUENCE_BUCKETS (2 * PSR_TRACKED_MAX)

struct sequence {
	_Atomic(uint64_t) key;	   /* namespace and group */
	_Atomic(uint32_t) version; /* odd while the entry begins anew */
	_Atomic(uint32_t) rate;	   /* of the newest sample, and what it means */
	_Atomic(uint32_t) probability;
	counter received;
	counter received_before; /* the last restart */
	counter restarts;
	/* Since the last restart. The lower 32 bits of a number are its own,
	 * the others count the wraps. */
	counter first;
	counter highest;
	counter duplicate;
	counter reordered;
	uint64_t window; /* bit n: highest - n was seen; the writer's */
};

/* Place 0 is none. */
struct sequence_table {
	struct sequence sequences[PSR_TRACKED_MAX + 1];
	_Atomic(uint32_t) count; /* places 1 to count are in use */
	uint64_t multiplier;	 /* of the hash: constant */
	/* The writer's: the places whose groups have one hash are a chain. */
	uint16_t buckets[SEQUENCE_BUCKETS];
	uint16_t next[PSR_TRACKED_MAX + 1];
	uint16_t hand;			/* the place looked at last */
	bool used[PSR_TRACKED_MAX + 1]; /* since the hand was there */
};

/* To be freed; NULL: no memory. */
struct sequence_table *sequence_table_new(void);

/* True: the evidence of another group was forgotten for that of this one. */
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
