/* SPDX-License-Identifier: MIT */
/*
 * The meter: samples counted by group and by interfaces, and how old they were.
 *
 *	consumers (meter_add) -> tables of each queue -> meter_look -> lines
 *
 * Each queue has tables, which its consumer writes; whoever looks adds them up,
 * each corrected by what its queue has lost. Groups and interfaces may be
 * anybody's invention: a table has METER_ROWS places, a search of it ends after a
 * few, and what finds no place is counted with the others. What was idle for long
 * gives its place to what is new.
 */
#ifndef METER_H
#define METER_H

#include "estimate.h"
#include "histogram.h"

#include <stdbool.h>

#define METER_ROWS 1024

/* A line gives its place up when it has been idle for so many looks, if need be. */
#define METER_IDLE_LOOKS 300

#define METER_LATENCY_MAX (1ULL << 42) /* more is told as this: 73 minutes */

/*
 * A line is that of a key in a network namespace, which has groups and interfaces
 * of its own. A sample may tell the interface by which its packet came, that by
 * which it goes, both, or none; which of them took it, it does not tell. So two
 * interfaces are one key: a packet that is forwarded was not sampled at both.
 */
#define METER_UNKNOWN (1U << 31) /* in an ifindex's place: not told */
#define METER_OTHERS  UINT64_MAX /* of either table: what found no place */

static inline uint32_t meter_iif(uint64_t key)
{
	return (uint32_t)(key >> 32);
}

static inline uint32_t meter_oif(uint64_t key)
{
	return (uint32_t)key;
}

enum meter_kind {
	METER_GROUP,
	METER_INTERFACE,
	METER_KINDS,
};

/* A group, or two interfaces, corrected by what was lost. */
struct meter_line {
	uint64_t key;
	int32_t nsid; /* as in psr_view */
	bool is_used;
	bool has_loss; /* since the look before: part of it is made up for */
	uint32_t idle_looks;	     /* in a row, up to now */
	double since[ESTIMATE_SUMS]; /* since the look before */
	double total[ESTIMATE_SUMS];
};

/*
 * A place stays, but for a line that gives it to a new one: its total is then one
 * of the others, whose place is the last.
 */
struct meter_lines {
	struct meter_line of[METER_KINDS][METER_ROWS + 1];
};

struct meter;

int meter_open(uint32_t queue_count, struct meter **ret_meter);

/* @meter: may be NULL */
void meter_close(struct meter *meter);

/* Context: the consumer of @queue. */
void meter_add(struct meter *meter, uint32_t queue,
	       const struct psr_view *views, uint32_t count);

/* A look begins: nothing came since. Zeroed lines are no lines yet. */
void meter_begin(struct meter_lines *lines);

/*
 * Add what was counted of @queue since it was looked at: 1 in @correction of
 * what there was. Context: one thread, with the same @lines each time.
 */
void meter_look(struct meter *meter, uint32_t queue, double correction,
		struct meter_lines *lines);

/* From sampling to the consumer, in ns, capped; only added to. */
const struct histogram *meter_latency(const struct meter *meter,
				      uint32_t queue);

#endif /* METER_H */
