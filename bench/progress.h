/* SPDX-License-Identifier: MIT */
/* Where a long run is, on standard error: scenario, round, time left. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool terminal;	   /* one line, written over and over */
	double expected_s; /* of the whole run, as reckoned before */
	double done_s;	   /* of that, what is behind */
	uint64_t start_ns;
	const char *scenario; /* last told */
	uint32_t round;
};

void progress_init(struct progress *ret_progress, double expected_s);

/* Before each step, which was reckoned to take @step_s. */
void progress_tell(struct progress *progress, const char *scenario,
		   uint32_t round, uint32_t rounds, double step_s);

/* Seconds since progress_init. Takes the line away. */
double progress_end(struct progress *progress);

#endif /* PROGRESS_H */
