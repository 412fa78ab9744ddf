/* SPDX-License-Identifier: MIT */
/* Wall time since some moment, and since 1970 as psample stamps it. */
#ifndef CLOCKS_H
#define CLOCKS_H

#include "clock.h"

static inline uint64_t clock_ns_of(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_wall_ns(void)
{
	return clock_ns_of(CLOCK_MONOTONIC);
}

static inline uint64_t clock_real_ns(void)
{
	return clock_ns_of(CLOCK_REALTIME);
}

#endif /* CLOCKS_H */
