/* SPDX-License-Identifier: MIT */
/*
 * Scenario max: the highest rate that a reader keeps up with, by bisection, in
 * the manner of RFC 2544. A trial passes if its share of samples that were
 * lost, or that the reader fell behind by, is within the limit: 0 for the NDR
 * (no drop rate), 0.5 % for the PDR (partial drop rate). Falling behind counts
 * as loss because the receive buffer only puts it off.
 */
#include "run.h"
#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HALVINGS   8
#define PDR_SHARE  0.005
#define PACE_SHARE 0.99

/* The search begins with all that could be: this much above flat out. */
#define CEILING_SHARE 1.5

/* What a reader that keeps up has in its socket comes and goes: in seconds. */
#define BACKLOG_S 0.002

#define TRIALS_MAX (2 * HALVINGS + 1)

struct trial {
	uint32_t rate;
	double missed; /* share of what was sent */
	bool paced;    /* the sender reached it */
};

struct search {
	const struct cell *cell;
	const struct bench *bench;
	struct result *row;
	char cause[TEXT_BYTES];
	bool disturbed; /* one of the trials */
	uint32_t count;
	struct trial trials[TRIALS_MAX];
};

/* @rate: 0: flat out */
static int search_try(struct search *search, uint32_t rate,
		      struct trial *ret_trial)
{
	struct run_setup setup = {
		.reader = search->cell->reader,
		.params = search->cell->params,
		.punctual = rate > 0,
		.group_count = search->cell->scenario->group_count,
		.sender_cpu = search->bench->sender_cpu,
		.duration_s = search->bench->duration_s,
	};
	struct run_outcome outcome;
	double behind;
	int err;

	setup.params.rate = rate ? rate : PARAM_ABSENT;
	err = run_once(&setup, &outcome, search->cause);
	if (err)
		return err;
	search->row->sent += outcome.sent;
	search->row->received += outcome.received;
	search->row->lost += outcome.lost;
	search->disturbed |= outcome.disturbed;
	search->row->steal = fmax(search->row->steal, outcome.steal);
	search->row->other_load =
		fmax(search->row->other_load, outcome.other_load);
	behind = outcome.behind / outcome.sent_per_s - BACKLOG_S;
	*ret_trial = (struct trial){
		.rate = rate ? rate : (uint32_t)outcome.sent_per_s,
		.missed = fmax((double)outcome.lost / (double)outcome.sent,
			       behind / search->bench->duration_s),
		.paced = outcome.sent_per_s >= rate * PACE_SHARE,
	};
	return 0;
}

/* The two searches halve alike until they part: a trial serves both. */
static int search_at(struct search *search, uint32_t rate,
		     struct trial *ret_trial)
{
	int err;

	for (uint32_t i = 0; i < search->count; i++)
		if (search->trials[i].rate == rate) {
			*ret_trial = search->trials[i];
			return 0;
		}
	err = search_try(search, rate, ret_trial);
	if (!err)
		search->trials[search->count++] = *ret_trial;
	return err;
}

/*
 * *@ret_limited: the sender could not send at the rate above the one found, so
 * that the reader may carry more.
 */
static int search_limit(struct search *search, uint32_t ceiling, double share,
			double *ret_rate, bool *ret_limited)
{
	uint32_t low = 0, high = ceiling;
	struct trial trial;
	bool limited = true;

	for (uint32_t i = 0; i < HALVINGS; i++) {
		uint32_t middle = low + (high - low) / 2;
		int err = search_at(search, middle, &trial);

		if (err)
			return err;
		if (trial.missed <= share && trial.paced) {
			low = middle;
			continue;
		}
		high = middle;
		limited = trial.missed <= share;
	}
	*ret_rate = low;
	*ret_limited = limited;
	return 0;
}

int search_round(const struct cell *cell, const struct bench *bench,
		 struct result *row, char ret_cause[TEXT_BYTES])
{
	struct search search = { .cell = cell, .bench = bench, .row = row };
	bool ndr_limited = false, pdr_limited = false;
	double ndr = 0, pdr = 0;
	struct trial flat_out;
	uint32_t ceiling;
	int err = search_try(&search, 0, &flat_out);

	ceiling = err ? 0 : (uint32_t)(flat_out.rate * CEILING_SHARE);
	if (!err)
		err = search_limit(&search, ceiling, 0, &ndr, &ndr_limited);
	if (!err)
		err = search_limit(&search, ceiling, PDR_SHARE, &pdr,
				   &pdr_limited);
	if (err) {
		snprintf(ret_cause, TEXT_BYTES, "%s", search.cause);
		return err;
	}
	row->rounds++;
	figures_add(&row->figures[METRIC_NDR], ndr);
	figures_add(&row->figures[METRIC_PDR], pdr);
	row->disturbed += search.disturbed;
	row->unpaced += ndr_limited || pdr_limited;
	row->invalid[0] = '\0';
	if (2 * row->unpaced > row->rounds)
		snprintf(row->invalid, sizeof(row->invalid),
			 "at least this: the sender could not send more");
	return 0;
}
