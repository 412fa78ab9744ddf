/* SPDX-License-Identifier: MIT */
/*
 * What a set of this process's threads has used: those that were started since
 * the set was opened, whoever started them.
 */
#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>
#include <sys/types.h>

#define THREADS_MAX 256

struct threads {
	uint32_t count;
	pid_t ids[THREADS_MAX];
};

struct threads_usage {
	uint64_t cpu_ns;
	uint64_t wakeups; /* times that one went to sleep, and so woke up */
};

/* All threads but the caller. */
void threads_list(struct threads *ret_threads);

struct threads_usage threads_use(const struct threads *threads);

#endif /* THREADS_H */
