/* SPDX-License-Identifier: MIT */
/*
 * How long things took: a log-linear histogram, 128 buckets to each power of
 * two, so that every value is told within 1/128 of it. Adding is a shift and an
 * increment; one thread adds, and the others read when it has ended.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS	  128 /* buckets to a power of two */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * 58)

struct histogram {
	uint64_t count;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
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
	histogram->count++;
	histogram->buckets[histogram_bucket(value)]++;
	if (value > histogram->max)
		histogram->max = value;
}

void histogram_merge(struct histogram *histogram,
		     const struct histogram *other);

/* The least value that is not below @share of all, 0 to 1; rounded up. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif /* HISTOGRAM_H */
