/* SPDX-License-Identifier: MIT */
/*
 * What psring stress --chaos does, drawn from a seed and nothing else: equal
 * seeds give equal schedules, on every machine.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "psring.h"

#include <stdint.h>

#define SCHEDULE_LEGS_MAX      4
#define SCHEDULE_CONSUMERS_MAX 4
#define SCHEDULE_ROUND_MS_MAX  2000

enum schedule_fault {
	SCHEDULE_QUIET,	  /* none */
	SCHEDULE_STALL,	  /* all consumers stop, and go on */
	SCHEDULE_SWIZZLE, /* they stop one by one, and go on in another order */
	SCHEDULE_RESTART, /* the sender pauses, the engine stops and starts */
};

/* The fault happens in the middle of the leg; a stall lasts to its end. */
struct schedule_leg {
	enum schedule_fault fault;
	uint32_t order[SCHEDULE_CONSUMERS_MAX]; /* of consumers to go on */
};

/* A round: an engine of its own. */
struct schedule_round {
	enum psr_transport transport;
	enum psr_shard shard;
	uint32_t queue_count;
	uint32_t ingest_threads;
	uint32_t consumers;
	uint32_t buffer_count;
	uint32_t rcvbuf_bytes;
	uint32_t wait_us;
	uint32_t duration_ms;
	uint32_t leg_count;
	struct schedule_leg legs[SCHEDULE_LEGS_MAX];
};

/* @state: the seed, before the first */
void schedule_draw(uint64_t *state, struct schedule_round *ret_round);

/* A line on standard error: the options that would open the same engine. */
void schedule_print(const struct schedule_round *round, uint32_t number);

#endif /* SCHEDULE_H */
