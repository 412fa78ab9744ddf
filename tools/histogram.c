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
	uint64_t max = counter_read(&other->max);

	counter_add(&histogram->count, counter_read(&other->count));
	counter_add(&histogram->sum, counter_read(&other->sum));
	if (max > counter_read(&histogram->max))
		atomic_store_explicit(&histogram->max, max,
				      memory_order_relaxed);
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		counter_add(&histogram->buckets[i],
			    counter_read(&other->buckets[i]));
}

static void subtract(const counter *now, const counter *before, counter *ret)
{
	atomic_store_explicit(ret, counter_read(now) - counter_read(before),
			      memory_order_relaxed);
}

void histogram_since(const struct histogram *now,
		     const struct histogram *before,
		     struct histogram *ret_since)
{
	subtract(&now->count, &before->count, &ret_since->count);
	subtract(&now->sum, &before->sum, &ret_since->sum);
	atomic_store_explicit(&ret_since->max, counter_read(&now->max),
			      memory_order_relaxed);
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		subtract(&now->buckets[i], &before->buckets[i],
			 &ret_since->buckets[i]);
}

uint64_t histogram_below(const struct histogram *histogram, uint64_t value)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < histogram_bucket(value); i++)
		sum += counter_read(&histogram->buckets[i]);
	return sum;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t count = counter_read(&histogram->count);
	uint64_t wanted = (uint64_t)ceil(share * (double)count);
	uint64_t max = counter_read(&histogram->max);
	uint64_t seen = 0;

	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += counter_read(&histogram->buckets[i]);
		if (seen >= wanted && seen > 0)
			return bucket_limit(i) < max ? bucket_limit(i) : max;
	}
	return max;
}
