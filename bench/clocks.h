/* SPDX-License-Identifier: MIT */
/* CPU time of this process and wall time, in nanoseconds. */
#ifndef CLOCKS_H
#define CLOCKS_H

#include "clock.h"

static inline uint64_t clock_cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

static inline uint64_t clock_wall_ns(void)
{
	return (uint64_t)clock_now_ns();
}

#endif /* CLOCKS_H */
