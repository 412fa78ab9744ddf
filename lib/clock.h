/* SPDX-License-Identifier: MIT */
/* Time for sleeping: CLOCK_MONOTONIC in nanoseconds. */
#ifndef CLOCK_H
#define CLOCK_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S   1000000000LL
#define NS_PER_MS  1000000LL
#define NS_PER_US  1000LL
#define FOREVER_NS (100LL * 365 * 86400 * NS_PER_S)

static inline int64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* For poll and epoll: rounded up; what they cannot count is for ever. */
static inline int clock_ms(int64_t left_ns)
{
	int64_t left_ms = (left_ns + NS_PER_MS - 1) / NS_PER_MS;

	if (left_ns <= 0)
		return 0;
	return left_ms > INT_MAX ? -1 : (int)left_ms;
}

static inline struct timespec clock_timespec(int64_t time_ns)
{
	return (struct timespec){ .tv_sec = time_ns / NS_PER_S,
				  .tv_nsec = time_ns % NS_PER_S };
}

/* 0, or EINTR: a signal came first. */
static inline int clock_sleep_until(int64_t deadline_ns)
{
	const struct timespec deadline = clock_timespec(deadline_ns);

	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}

#endif /* CLOCK_H */
