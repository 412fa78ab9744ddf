/* SPDX-License-Identifier: MIT */
/*
 * What a run of psring-bench found, and its JSON file. Tables, pages and
 * comparisons are made from this alone, whether it was measured just now or
 * read from a file.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "figures.h"
#include "metric.h"
#include "params.h"

#include <stdbool.h>
#include <stdint.h>

#define RESULTS_SCHEMA 1
#define RESULTS_MAX    1024
#define SKIPPED_MAX    32
#define NAME_BYTES     24
#define TEXT_BYTES     256

struct machine {
	char kernel[TEXT_BYTES]; /* "Linux 6.18.44 x86_64" */
	char cpu[TEXT_BYTES];	 /* its model */
	char date[NAME_BYTES];	 /* ISO 8601, UTC */
	char version[NAME_BYTES];
	uint32_t cpus;
	uint64_t memory_bytes;
};

/* One reader in one scenario with one set of parameters. */
struct result {
	char scenario[NAME_BYTES];
	char reader[NAME_BYTES];
	struct params params;
	/* Of all rounds. */
	uint32_t rounds;
	uint64_t sent;
	uint64_t received;
	uint64_t lost;
	/* Rounds in which something else was at work, and the most of it. */
	uint32_t disturbed;
	double steal;	    /* share of the time that the hypervisor took */
	double other_load;  /* share of the time that other programs took */
	uint32_t throttled; /* rounds in which the sender had to yield */
	uint32_t unsteady;  /* rounds whose halves differ */
	uint32_t unpaced;   /* rounds in which the sender fell short of rate */
	/* Why the figures do not mean what they are called; empty: they do. */
	char invalid[TEXT_BYTES];
	struct figures figures[METRICS]; /* count 0: not measured */
};

/* A scenario or reader that could not be run here. */
struct skipped {
	char name[NAME_BYTES];
	char reason[TEXT_BYTES];
};

struct results {
	struct machine machine;
	char command[TEXT_BYTES];
	bool quick; /* not for comparison */
	uint32_t rounds;
	double duration_s; /* of sending, in one round of one reader */
	double elapsed_s;  /* of the whole run */
	uint32_t count;
	uint32_t skipped_count;
	struct skipped skipped[SKIPPED_MAX];
	struct result rows[RESULTS_MAX];
};

/* The row with exactly these; NULL if there is none. */
const struct result *results_find(const struct results *results,
				  const char *scenario, const char *reader,
				  const struct params *params);

/* Whether a row of @scenario is there. */
bool results_have(const struct results *results, const char *scenario);

/* Whether @reader is what others would write: its code is not psring's. */
bool results_is_baseline(const char *reader);

/* Return: 0, or a negative errno. */
int results_write(const struct results *results, const char *path);

/*
 * @ret_results: to be freed with free. Checks whatever the file says.
 * Return: 0, or a negative errno; @ret_cause then tells what is wrong in one
 * line without the file's name.
 */
int results_read(const char *path, struct results **ret_results,
		 char ret_cause[TEXT_BYTES]);

#endif /* RESULTS_H */
