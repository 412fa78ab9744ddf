/* SPDX-License-Identifier: MIT */
/* What the scenarios share: options, and the table of scenarios. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

/* The sender has one CPU, all that receives has the other. */
#define SENDER_CPU   0
#define RECEIVER_CPU 1

struct bench {
	uint32_t rounds;
	double duration_s; /* of one run of one reader */
	uint64_t rate;	   /* of scenario rate, samples per second */
	uint32_t queue_count;
};

/* Each prints its table. 0, or 1 after saying on stderr what failed. */
int bench_flood(const struct bench *bench);
int bench_rate(const struct bench *bench);
int bench_decode(const struct bench *bench);
int bench_ring(const struct bench *bench);

#endif /* BENCH_H */
