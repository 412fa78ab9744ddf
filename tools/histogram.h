/* SPDX-License-Identifier: MIT */
/*
 * How long things took: a log-linear histogram, 128 buckets to each power of
 * two, so that every value is told within 1/128 of it. Adding is a shift and a
 * few increments. One thread adds; others may read meanwhile, and then see each
 * number as it was a moment ago.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "counter.h"

#include <stdint.h>

#define HISTOGRAM_STEPS	  128 /* buckets to a power of two */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * 58)

struct histogram {
	counter count;
	counter sum;
	counter max;
	counter buckets[HISTOGRAM_BUCKETS];
};

/* Values below HISTOGRAM_STEPS have a bucket each. */
static inline uint32_t histogram_bucket(uint64_t value)
{
	uint32_t shift;

	if (value < HISTOGRAM_STEPS)
		return (uint32_t)value;
	shift = 56 - (uint32_t)__builtin_clzll(value);
	return shift * HISTOGRAM_STEPS + (uint32_t)(value >> shift);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	counter_add(&histogram->count, 1);
	counter_add(&histogram->sum, value);
	counter_add(&histogram->buckets[histogram_bucket(value)], 1);
	if (value > counter_read(&histogram->max))
		atomic_store_explicit(&histogram->max, value,
				      memory_order_relaxed);
}

void histogram_merge(struct histogram *histogram,
		     const struct histogram *other);

/*
 * What was added to @now since it was @before, a copy of its counts; the greatest
 * value is @now's.
 */
void histogram_since(const struct histogram *now,
		     const struct histogram *before,
		     struct histogram *ret_since);

/* How many values are below @value, a power of two. */
uint64_t histogram_below(const struct histogram *histogram, uint64_t value);

/* The least value that is not below @share of all, 0 to 1; rounded up. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif /* HISTOGRAM_H */
