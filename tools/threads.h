/* SPDX-License-Identifier: MIT */
/* The threads of this process, and the CPU time that each has used. */
#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>

#define THREADS_MAX  256 /* there are up to three for each queue */
#define THREADS_NAME 16

struct thread {
	int32_t id;
	char name[THREADS_NAME];
	double cpu_s; /* in steps of a clock tick: 10 ms */
	double share; /* of a CPU, since it was looked at before */
};

struct threads {
	uint32_t count;
	struct thread of[THREADS_MAX];
};

/* @passed_s: since @threads was read before */
void threads_read(struct threads *threads, double passed_s);

#endif /* THREADS_H */
