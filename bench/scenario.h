/* SPDX-License-Identifier: MIT */
/*
 * A scenario: a question, the cells that answer it, and how a cell is measured.
 * A cell is one reader with one set of parameters, and becomes one row of the
 * results; it is measured once in each round.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "reader.h"
#include "results.h"

#include <stdbool.h>
#include <stdint.h>

#define READERS_MAX 16

/* What the command line asks for. */
struct bench {
	bool quick;
	uint32_t rounds;
	double duration_s; /* of the window of one run */
	uint32_t reader_count;
	const struct reader *readers[READERS_MAX];
	int sender_cpu;
	int receiver_cpu;
};

struct scenario;

struct cell {
	const struct scenario *scenario;
	const struct reader *reader; /* NULL: nothing is received */
	const char *name;	     /* of the reader, or of what is compared */
	int (*operate)(uint32_t batch, uint32_t count, double *ret_ns);
	struct params params;
};

#define CELLS_MAX RESULTS_MAX

struct plan {
	uint32_t count;
	struct cell cells[CELLS_MAX];
};

struct scenario {
	const char *name;
	const char *summary;
	void (*plan)(const struct scenario *scenario, const struct bench *bench,
		     struct plan *plan);
	/*
	 * One round of a cell, added to its row. Return: 0, or a negative
	 * errno with one line of what failed.
	 */
	int (*run)(const struct cell *cell, const struct bench *bench,
		   struct result *row, char ret_cause[TEXT_BYTES]);
	uint32_t runs; /* of a window each, in one round of a cell; 0: brief */
	bool needs_two_cpus; /* threads that spin for each other */
	bool kernel;	     /* real psample */
	bool punctual; /* the sender spins, and keeps each sample's time */
	bool timed;    /* latencies */
	uint32_t group_count;
};

extern const struct scenario scenarios[];
extern const uint32_t scenario_count;

/* NULL: there is none of that name. */
const struct scenario *scenario_find(const char *name);

/* In search.c: one round of max. */
int search_round(const struct cell *cell, const struct bench *bench,
		 struct result *row, char ret_cause[TEXT_BYTES]);

#endif /* SCENARIO_H */
