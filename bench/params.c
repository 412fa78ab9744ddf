/* SPDX-License-Identifier: MIT */
/* The table of parameters: comparing, naming and writing follow from it. */
#include "params.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const struct params params_none = {
	PARAM_ABSENT, PARAM_ABSENT, PARAM_ABSENT, PARAM_ABSENT,
	PARAM_ABSENT, PARAM_ABSENT, PARAM_ABSENT,
};

const struct param_kind param_kinds[PARAMS] = {
	{ "rate", offsetof(struct params, rate) },
	{ "size", offsetof(struct params, size) },
	{ "queues", offsetof(struct params, queues) },
	{ "shard", offsetof(struct params, shard) },
	{ "wait_us", offsetof(struct params, wait_us) },
	{ "ingest_threads", offsetof(struct params, ingest_threads) },
	{ "batch", offsetof(struct params, batch) },
};

/* In the order of enum psr_shard. */
static const char *const shard_names[] = { "seq", "cpu", "group", "iif",
					   "flow" };

#define SHARD_NAMES (sizeof(shard_names) / sizeof(shard_names[0]))

bool params_equal(const struct params *a, const struct params *b)
{
	for (uint32_t i = 0; i < PARAMS; i++)
		if (param(a, i) != param(b, i))
			return false;
	return true;
}

const char *params_shard_name(uint32_t shard)
{
	return shard < SHARD_NAMES ? shard_names[shard] : NULL;
}

uint32_t params_shard(const char *name)
{
	for (uint32_t i = 0; i < SHARD_NAMES; i++)
		if (strcmp(shard_names[i], name) == 0)
			return i;
	return PARAM_ABSENT;
}

const char *params_text(const struct params *params, char text[PARAMS_TEXT])
{
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < PARAMS; i++) {
		uint32_t value = param(params, i);
		const char *comma = len ? ", " : "";

		if (value == PARAM_ABSENT)
			continue;
		if (i == PARAM_SHARD)
			len += (size_t)snprintf(text + len, PARAMS_TEXT - len,
						"%sshard %s", comma,
						params_shard_name(value));
		else
			len += (size_t)snprintf(text + len, PARAMS_TEXT - len,
						"%s%s %u", comma,
						param_kinds[i].key, value);
	}
	return text;
}
