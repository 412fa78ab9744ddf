/* SPDX-License-Identifier: MIT */
/*
 * What a result was measured with. A parameter that does not apply, or that is
 * not what the scenario varies, is absent: then it is not told either.
 */
#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#define PARAM_ABSENT UINT32_MAX

struct params {
	uint32_t rate; /* samples per second; 0: flat out */
	uint32_t size; /* bytes of packet in a sample */
	uint32_t queues;
	uint32_t shard; /* enum psr_shard; its name in the JSON */
	uint32_t wait_us;
	uint32_t ingest_threads;
	uint32_t batch; /* views handed over at once */
};

/* All absent. */
extern const struct params params_none;

struct param_kind {
	const char *key;
	uint32_t offset; /* of a uint32_t in struct params */
};

/* In the order of struct params. */
enum param_index {
	PARAM_RATE,
	PARAM_SIZE,
	PARAM_QUEUES,
	PARAM_SHARD, /* the one whose value has a name */
	PARAM_WAIT_US,
	PARAM_INGEST_THREADS,
	PARAM_BATCH,
	PARAMS
};

extern const struct param_kind param_kinds[PARAMS];

static inline uint32_t *param_at(struct params *params, uint32_t index)
{
	return (uint32_t *)(void *)((char *)params + param_kinds[index].offset);
}

static inline uint32_t param(const struct params *params, uint32_t index)
{
	return *(const uint32_t *)(const void *)((const char *)params +
						 param_kinds[index].offset);
}

bool params_equal(const struct params *a, const struct params *b);

/* "seq", "cpu", ...; NULL for a number that is none. */
const char *params_shard_name(uint32_t shard);

/* The shard of that name, or PARAM_ABSENT. */
uint32_t params_shard(const char *name);

/* "queues 2, rate 10000"; empty if all are absent. */
#define PARAMS_TEXT 128
const char *params_text(const struct params *params, char text[PARAMS_TEXT]);

#endif /* PARAMS_H */
