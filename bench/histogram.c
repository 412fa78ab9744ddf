/* SPDX-License-Identifier: MIT */
/* Merging and reading a histogram. */
#include "histogram.h"

#include <assert.h>
#include <math.h>

static_assert(HISTOGRAM_STEPS == 128, "56 in histogram_bucket: 63 - log2(128)");

/* The greatest value that falls into @bucket. */
static uint64_t bucket_limit(uint32_t bucket)
{
	uint32_t shift = bucket / HISTOGRAM_STEPS;

	if (shift < 2)
		return bucket;
	shift--;
	return ((uint64_t)(bucket - shift * HISTOGRAM_STEPS + 1) << shift) - 1;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	histogram->count += other->count;
	if (other->max > histogram->max)
		histogram->max = other->max;
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] += other->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)ceil(share * (double)histogram->count);
	uint64_t seen = 0;

	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= wanted && seen > 0)
			return bucket_limit(i) < histogram->max
				       ? bucket_limit(i)
				       : histogram->max;
	}
	return histogram->max;
}
