/* SPDX-License-Identifier: MIT */
/*
 * The time left is reckoned from what each step was expected to take, and
 * corrected by how long the steps so far really took.
 */
#include "progress.h"

#include "clocks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENOUGH_S 2.0 /* before it, the expectation is better */

static double elapsed_s(const struct progress *progress)
{
	return (double)(clock_wall_ns() - progress->start_ns) /
	       (double)NS_PER_S;
}

static double left_s(const struct progress *progress)
{
	double left = progress->expected_s - progress->done_s;

	if (progress->done_s > ENOUGH_S)
		left *= elapsed_s(progress) / progress->done_s;
	return left;
}

void progress_init(struct progress *ret_progress, double expected_s)
{
	*ret_progress = (struct progress){
		.terminal = isatty(STDERR_FILENO),
		.expected_s = expected_s,
		.start_ns = clock_wall_ns(),
		.scenario = "",
	};
}

void progress_tell(struct progress *progress, const char *scenario,
		   uint32_t round, uint32_t rounds, double step_s)
{
	if (strcmp(progress->scenario, scenario) != 0 ||
	    progress->round != round)
		fprintf(stderr, "%sround %u of %u: %s, %.0f s left%s",
			progress->terminal ? "\r\033[K" : "", round + 1, rounds,
			scenario, left_s(progress),
			progress->terminal ? "" : "\n");
	progress->scenario = scenario;
	progress->round = round;
	progress->done_s += step_s;
}

double progress_end(struct progress *progress)
{
	if (progress->terminal)
		fputs("\r\033[K", stderr);
	return elapsed_s(progress);
}
