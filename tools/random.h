/* SPDX-License-Identifier: MIT */
/*
 * Random numbers from a seed, the same ones everywhere: splitmix64 (Steele,
 * Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

/* From @min to @max. The bias of a remainder is of no interest here. */
static inline uint32_t random_between(uint64_t *state, uint32_t min,
				      uint32_t max)
{
	return min + (uint32_t)(random_next(state) % (max - min + 1));
}

#endif /* RANDOM_H */
