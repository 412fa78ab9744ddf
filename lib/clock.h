/* SPDX-License-Identifier: MIT */
/* Time for sleeping: CLOCK_MONOTONIC in nanoseconds. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S   1000000000LL
#define NS_PER_MS  1000000LL
#define NS_PER_US  1000LL
#define FOREVER_NS (3600 * NS_PER_S) /* nobody counts on its end */

static inline int64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline void clock_sleep_until(int64_t deadline_ns)
{
	const struct timespec deadline = {
		.tv_sec = deadline_ns / NS_PER_S,
		.tv_nsec = deadline_ns % NS_PER_S,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}

#endif /* CLOCK_H */
