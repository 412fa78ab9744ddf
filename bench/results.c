/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <string.h>

bool results_is_baseline(const char *reader)
{
	static const char *const baselines[] = {
		"recv",
		"peek_recv",
		"mnl",
		"bare",
		"mnl_attr_parse",
		"ck_ring",
		"ck_ring_pointers",
		"cache_line",
	};

	for (size_t i = 0; i < sizeof(baselines) / sizeof(baselines[0]); i++)
		if (strcmp(reader, baselines[i]) == 0)
			return true;
	return false;
}

const struct result *results_find(const struct results *results,
				  const char *scenario, const char *reader,
				  const struct params *params)
{
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *row = &results->rows[i];

		if (strcmp(row->scenario, scenario) == 0 &&
		    strcmp(row->reader, reader) == 0 &&
		    params_equal(&row->params, params))
			return row;
	}
	return NULL;
}

bool results_have(const struct results *results, const char *scenario)
{
	for (uint32_t i = 0; i < results->count; i++)
		if (strcmp(results->rows[i].scenario, scenario) == 0)
			return true;
	return false;
}
