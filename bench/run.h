/* SPDX-License-Identifier: MIT */
/*
 * One run: a sender, a reader, and what they did in a window of time. The
 * window opens after a warm-up and has two halves, which should be alike.
 *
 * Before the window opens and after it closes everything flows as within it:
 * what is divided by time or by samples belongs to the window alone, what is
 * added up in the ledger belongs to the whole run.
 */
#ifndef RUN_H
#define RUN_H

#include "params.h"
#include "reader.h"
#include "results.h"

struct run_setup {
	const struct reader *reader;
	struct params params; /* absent: psring's or the sender's default */
	bool kernel;	      /* real psample; else the synthetic source */
	bool punctual;	      /* as of struct traffic_config */
	bool timed;	      /* latencies */
	uint32_t group_count;
	int sender_cpu;
	double duration_s; /* of the window */
};

struct run_outcome {
	/* Of the whole run: sent = received + lost, or run_once fails. */
	uint64_t sent;
	uint64_t received;
	uint64_t lost;
	/* Of the window; NAN where nothing was measured. */
	double values[METRICS];
	double sent_per_s;
	double behind; /* samples by which the backlog grew, of those sent */
	double steal;  /* shares of the CPUs' time */
	double other_load;
	bool disturbed; /* by these two */
	bool throttled; /* the sender had to yield to a full receiver */
	bool unsteady;	/* the halves differ */
};

/* Adds to @row what disturbed this run. */
void run_add_remarks(const struct run_outcome *outcome, struct result *row);

/*
 * Return: 0, or a negative errno with one line of what failed. -EBADE: the
 * samples do not add up.
 */
int run_once(const struct run_setup *setup, struct run_outcome *ret_outcome,
	     char ret_cause[TEXT_BYTES]);

#endif /* RUN_H */
