/* SPDX-License-Identifier: MIT */
/*
 * The table of scenarios. In a plan the readers follow each other with the same
 * parameters, so that what is compared is measured one after the other.
 */
#include "scenario.h"

#include "decoding.h"
#include "drain.h"
#include "handover.h"
#include "run.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* A sender that is off its pace by more than this made another pace, behind it */
/* or catching up; but a window may begin and end beside a sample.             */
#define PACE_SHARE   0.01
#define PACE_SAMPLES 2

#define DECODES	    1000000u
#define DECODES_FEW 50000u
#define VIEWS	    4000000u
#define VIEWS_FEW   200000u

static void add_cell(struct plan *plan, const struct scenario *scenario,
		     const struct reader *reader, const struct params *params)
{
	assert(plan->count < CELLS_MAX);
	plan->cells[plan->count++] = (struct cell){
		.scenario = scenario,
		.reader = reader,
		.name = reader->name,
		.params = *params,
	};
}

static void add_readers(struct plan *plan, const struct scenario *scenario,
			const struct bench *bench, const struct params *params)
{
	for (uint32_t i = 0; i < bench->reader_count; i++)
		add_cell(plan, scenario, bench->readers[i], params);
}

static void plan_flood(const struct scenario *scenario,
		       const struct bench *bench, struct plan *plan)
{
	struct params params = params_none;

	for (params.queues = 1; params.queues <= 2; params.queues++)
		add_readers(plan, scenario, bench, &params);
}

static void plan_rate(const struct scenario *scenario,
		      const struct bench *bench, struct plan *plan)
{
	static const uint32_t rates[] = { 1000, 10000, 100000, 300000 };
	struct params params = params_none;

	for (uint32_t i = 0; i < LENGTH(rates); i++) {
		params.rate = rates[i];
		add_readers(plan, scenario, bench, &params);
	}
}

/* A baseline has no wait_us; what decodes nothing sees no timestamp. */
static void add_latency(struct plan *plan, const struct scenario *scenario,
			const struct reader *reader, struct params params)
{
	static const uint32_t waits_us[] = { 0, 100, 1000 };

	if (!reader->decodes)
		return;
	if (reader->is_baseline) {
		add_cell(plan, scenario, reader, &params);
		return;
	}
	for (uint32_t i = 0; i < LENGTH(waits_us); i++) {
		params.wait_us = waits_us[i];
		for (uint32_t threads = 0; threads <= 1; threads++) {
			if (threads > 0 && reader->has_no_thread)
				continue;
			params.ingest_threads = threads;
			add_cell(plan, scenario, reader, &params);
		}
	}
}

static void plan_latency(const struct scenario *scenario,
			 const struct bench *bench, struct plan *plan)
{
	static const uint32_t rates[] = { 1000, 10000, 100000 };
	struct params params = params_none;

	for (uint32_t i = 0; i < LENGTH(rates); i++) {
		params.rate = rates[i];
		if (bench->quick && rates[i] != 10000)
			continue;
		for (uint32_t r = 0; r < bench->reader_count; r++)
			add_latency(plan, scenario, bench->readers[r], params);
	}
}

static bool can_shard(const struct reader *reader, uint32_t shard)
{
	return !reader->is_baseline && (shard != PSR_SHARD_FLOW ||
					reader->transport == PSR_TRANSPORT_BPF);
}

static void plan_shards(const struct scenario *scenario,
			const struct bench *bench, struct plan *plan)
{
	static const uint32_t shards[] = { PSR_SHARD_SEQ, PSR_SHARD_CPU,
					   PSR_SHARD_GROUP, PSR_SHARD_FLOW };
	struct params params = params_none;

	for (uint32_t i = 0; i < LENGTH(shards); i++) {
		params.shard = shards[i];
		for (params.queues = 1; params.queues <= 4; params.queues *= 2)
			for (uint32_t r = 0; r < bench->reader_count; r++)
				if (can_shard(bench->readers[r], shards[i]))
					add_cell(plan, scenario,
						 bench->readers[r], &params);
	}
}

static void plan_sizes(const struct scenario *scenario,
		       const struct bench *bench, struct plan *plan)
{
	/* The last makes the largest message that psample sends. */
	static const uint32_t sizes[] = { 64, 512, 1500, 9000, 65468 };
	struct params params = params_none;

	for (uint32_t i = 0; i < LENGTH(sizes); i++) {
		params.size = sizes[i];
		add_readers(plan, scenario, bench, &params);
	}
}

static void plan_max(const struct scenario *scenario, const struct bench *bench,
		     struct plan *plan)
{
	add_readers(plan, scenario, bench, &params_none);
}

static void add_operation(struct plan *plan, const struct scenario *scenario,
			  const char *name, uint32_t batch,
			  int (*operate)(uint32_t, uint32_t, double *))
{
	struct params params = params_none;

	assert(plan->count < CELLS_MAX);
	params.batch = batch;
	plan->cells[plan->count++] = (struct cell){
		.scenario = scenario,
		.name = name,
		.operate = operate,
		.params = params,
	};
}

static int decode_psring(uint32_t batch, uint32_t count, double *ret_ns)
{
	(void)batch;
	*ret_ns = decoding_psring_ns(count);
	return 0;
}

static int decode_mnl(uint32_t batch, uint32_t count, double *ret_ns)
{
	(void)batch;
	*ret_ns = decoding_mnl_ns(count);
	return 0;
}

static void plan_decode(const struct scenario *scenario,
			const struct bench *bench, struct plan *plan)
{
	(void)bench;
	add_operation(plan, scenario, "mnl_attr_parse", PARAM_ABSENT,
		      decode_mnl);
	add_operation(plan, scenario, "psring", PARAM_ABSENT, decode_psring);
}

static void plan_drain(const struct scenario *scenario,
		       const struct bench *bench, struct plan *plan)
{
	for (uint32_t r = 0; r < bench->reader_count; r++)
		if (!bench->readers[r]->is_baseline)
			add_cell(plan, scenario, bench->readers[r],
				 &params_none);
}

static int run_drain(const struct cell *cell, const struct bench *bench,
		     struct result *row, char ret_cause[TEXT_BYTES])
{
	const char *cause = "";
	double ns = 0;
	int err = drain_ns(cell->reader->transport, &ns, &cause);

	(void)bench;
	if (err) {
		snprintf(ret_cause, TEXT_BYTES, "%s", cause);
		return err;
	}
	row->rounds++;
	figures_add(&row->figures[METRIC_OPERATION], ns);
	return 0;
}

static int line_round_trip(uint32_t batch, uint32_t count, double *ret_ns)
{
	(void)batch;
	(void)count;
	return handover_line(ret_ns);
}

static void plan_ring(const struct scenario *scenario,
		      const struct bench *bench, struct plan *plan)
{
	static const uint32_t batches[] = { 32, 1 };

	handover_pin(bench->sender_cpu, bench->receiver_cpu);
	add_operation(plan, scenario, "cache_line", PARAM_ABSENT,
		      line_round_trip);
	for (uint32_t i = 0; i < LENGTH(batches); i++) {
		add_operation(plan, scenario, "ck_ring", batches[i],
			      handover_ck);
		add_operation(plan, scenario, "ck_ring_pointers", batches[i],
			      handover_ck_pointers);
		add_operation(plan, scenario, "psring", batches[i],
			      handover_psring);
	}
}

static int run_operation(const struct cell *cell, const struct bench *bench,
			 struct result *row, char ret_cause[TEXT_BYTES])
{
	bool decodes = cell->params.batch == PARAM_ABSENT;
	uint32_t many = decodes ? DECODES : VIEWS;
	uint32_t few = decodes ? DECODES_FEW : VIEWS_FEW;
	double ns = 0;
	int err = cell->operate(cell->params.batch, bench->quick ? few : many,
				&ns);

	if (err) {
		snprintf(ret_cause, TEXT_BYTES,
			 err == -EBADMSG ? "views came out of order"
					 : "starting two threads");
		return err;
	}
	row->rounds++;
	figures_add(&row->figures[METRIC_OPERATION], ns);
	return 0;
}

/* Keeps the rounds in line: those that had no value get none now. */
static void add_value(struct result *row, enum metric metric, double value)
{
	struct figures *figures = &row->figures[metric];

	if (isnan(value))
		return;
	while (figures->count + 1 < row->rounds)
		figures_add(figures, NAN);
	figures_add(figures, value);
}

/* Adds a round of @seconds to its row, with what was wrong about it. */
static void add_outcome(const struct cell *cell, double seconds,
			const struct run_outcome *outcome, struct result *row)
{
	double pace = cell->params.rate == PARAM_ABSENT ? 0 : cell->params.rate;

	row->rounds++;
	row->sent += outcome->sent;
	row->received += outcome->received;
	row->lost += outcome->lost;
	run_add_remarks(outcome, row);
	row->unpaced +=
		pace > 0 && fabs(outcome->sent_per_s - pace) >
				    pace * PACE_SHARE + PACE_SAMPLES / seconds;
	row->invalid[0] = '\0';
	if (2 * row->unpaced > row->rounds)
		snprintf(
			row->invalid, sizeof(row->invalid),
			"the sender sent %.0f instead of %.0f samples per second",
			outcome->sent_per_s, pace);
	for (uint32_t i = 0; i < METRICS; i++)
		add_value(row, i, outcome->values[i]);
}

static int run_traffic(const struct cell *cell, const struct bench *bench,
		       struct result *row, char ret_cause[TEXT_BYTES])
{
	const struct run_setup setup = {
		.reader = cell->reader,
		.params = cell->params,
		.kernel = cell->scenario->kernel,
		.punctual = cell->scenario->punctual,
		.timed = cell->scenario->timed,
		.group_count = cell->scenario->group_count,
		.sender_cpu = bench->sender_cpu,
		.duration_s = bench->duration_s,
	};
	struct run_outcome outcome;
	int err = run_once(&setup, &outcome, ret_cause);

	if (!err)
		add_outcome(cell, bench->duration_s, &outcome, row);
	return err;
}

const struct scenario scenarios[] = {
	{ .name = "flood",
	  .summary = "a sender as quick as it can: rate, loss, CPU per sample",
	  .plan = plan_flood,
	  .run = run_traffic,
	  .runs = 1,
	  .group_count = 1 },
	{ .name = "rate",
	  .summary = "a paced sender: CPU and wake-ups per sample",
	  .plan = plan_rate,
	  .run = run_traffic,
	  .runs = 1,
	  .punctual = true,
	  .group_count = 1 },
	{ .name = "latency",
	  .summary = "from a sample's timestamp to its consumer",
	  .plan = plan_latency,
	  .run = run_traffic,
	  .runs = 1,
	  .punctual = true,
	  .timed = true,
	  .group_count = 1 },
	{ .name = "shards",
	  .summary = "more queues: what they cost sender and receiver",
	  .plan = plan_shards,
	  .run = run_traffic,
	  .runs = 1,
	  .group_count = 4 },
	{ .name = "sizes",
	  .summary = "samples of 64 bytes to 64 KiB",
	  .plan = plan_sizes,
	  .run = run_traffic,
	  .runs = 1,
	  .group_count = 1 },
	{ .name = "max",
	  .summary = "the highest rate that a reader keeps up with",
	  .plan = plan_max,
	  .run = search_round,
	  .runs = 8,
	  .punctual = true,
	  .group_count = 1 },
	{ .name = "decode",
	  .summary = "the decoder against libmnl's",
	  .plan = plan_decode,
	  .run = run_operation },
	{ .name = "drain",
	  .summary = "a queue that is full already: receive, decode, release",
	  .plan = plan_drain,
	  .run = run_drain },
	{ .name = "ring",
	  .summary = "the hand-over between threads against ck_ring's",
	  .plan = plan_ring,
	  .run = run_operation,
	  .needs_two_cpus = true },
	{ .name = "kernel",
	  .summary = "flood on this machine's real psample",
	  .plan = plan_flood,
	  .run = run_traffic,
	  .runs = 1,
	  .kernel = true,
	  .group_count = 1 },
};

const uint32_t scenario_count = LENGTH(scenarios);

const struct scenario *scenario_find(const char *name)
{
	for (uint32_t i = 0; i < scenario_count; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}
