/* SPDX-License-Identifier: MIT */
/* psring stress --chaos: carries the schedule out. */
#include "chaos.h"

#include "human.h"
#include "schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MS_NS 1000000ULL

/* The second number of a line of pages; 0: not to be had. */
static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[256] = "", *end;

	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	(void)strtoull(line, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int stall(struct round *round, uint32_t consumers, uint64_t until_ns)
{
	int status;

	for (uint32_t i = 0; i < consumers; i++)
		round_hold(round, i);
	status = round_sleep(round, until_ns);
	for (uint32_t i = 0; i < consumers; i++)
		round_release(round, i);
	return status;
}

/* One stops in each part of the time, then one goes on in each part. */
static int swizzle(struct round *round, const struct schedule_leg *leg,
		   uint32_t consumers, uint64_t until_ns)
{
	uint64_t now = round_elapsed_ns(round);
	uint64_t left = until_ns > now ? until_ns - now : 0;
	uint64_t part = left / (2 * consumers);
	int status = 0;

	for (uint32_t i = 0; i < consumers && !status; i++) {
		round_hold(round, i);
		status = round_sleep(round, now + part * (i + 1));
	}
	for (uint32_t i = 0; i < consumers && !status; i++) {
		round_release(round, leg->order[i]);
		status = round_sleep(round, now + part * (consumers + i + 1));
	}
	return status;
}

static int restart(struct round *round)
{
	int err;

	round_pause(round);
	err = round_restart(round);
	return err ? err : round_resume(round);
}

static int run_leg(struct round *round, const struct schedule_leg *leg,
		   uint32_t consumers, uint64_t end_ns)
{
	uint64_t now = round_elapsed_ns(round);
	uint64_t left = end_ns > now ? end_ns - now : 0;
	int status = round_sleep(round, now + left / 2);

	if (!status && leg->fault == SCHEDULE_STALL)
		status = stall(round, consumers, end_ns);
	else if (!status && leg->fault == SCHEDULE_SWIZZLE)
		status = swizzle(round, leg, consumers, end_ns);
	else if (!status && leg->fault == SCHEDULE_RESTART)
		status = restart(round);
	return status ? status : round_sleep(round, end_ns);
}

static int run_legs(struct round *round, const struct schedule_round *plan)
{
	uint64_t leg_ns = plan->duration_ms * MS_NS / plan->leg_count;
	uint64_t start_ns = round_elapsed_ns(round);
	int status = round_resume(round);

	for (uint32_t i = 0; i < plan->leg_count && !status; i++)
		status = run_leg(round, &plan->legs[i], plan->consumers,
				 start_ns + leg_ns * (i + 1));
	return status;
}

static void configure(const struct schedule_round *plan,
		      struct round_config *config)
{
	config->consumers = plan->consumers;
	config->engine.transport = plan->transport;
	config->engine.shard = plan->shard;
	config->engine.queue_count = plan->queue_count;
	config->engine.ingest_threads = plan->ingest_threads;
	config->engine.buffer_count = plan->buffer_count;
	config->engine.rcvbuf_bytes = plan->rcvbuf_bytes;
	config->engine.wait_us = plan->wait_us;
}

/* Where there is no bpf, the rest of the schedule is carried out all the same. */
static int open_round(struct round_config *config, struct round **ret_round,
		      const char **reterr_cause)
{
	struct psr_config *engine = &config->engine;
	int err = round_open(config, ret_round, reterr_cause);

	if (engine->transport != PSR_TRANSPORT_BPF ||
	    (err != -EPERM && err != -EOPNOTSUPP && err != -ENOSYS))
		return err;
	fprintf(stderr, "psring stress: auto instead of bpf: %s\n",
		*reterr_cause);
	engine->transport = PSR_TRANSPORT_AUTO;
	if (engine->shard == PSR_SHARD_FLOW)
		engine->shard = PSR_SHARD_SEQ;
	return round_open(config, ret_round, reterr_cause);
}

static int run_round(const struct chaos_config *config,
		     const struct schedule_round *plan,
		     struct balance *ret_balance, const char **reterr_cause)
{
	struct round_config round_config = config->round;
	struct round *round;
	int status, err;

	configure(plan, &round_config);
	err = open_round(&round_config, &round, reterr_cause);
	if (err)
		return err;
	status = run_legs(round, plan);
	err = round_end(round, ret_balance, reterr_cause);
	round_close(round);
	if (status < 0)
		*reterr_cause = ROUND_CAUSE;
	return status < 0 ? status : err ? err : status;
}

static void tell(uint32_t number, const struct balance *balance)
{
	char sent[HUMAN_MAX], received[HUMAN_MAX], lost[HUMAN_MAX];

	fprintf(stderr, "round %4u: sent %10s, received %10s, lost %10s: %s\n",
		number, human_digits(sent, balance->sent),
		human_digits(received, balance->received),
		human_digits(lost, balance_lost(balance)),
		balance_holds(balance) ? "balanced" : "NOT BALANCED");
}

/* Return: 0 to go on, 1 at a signal or a balance that does not hold */
static int account(struct chaos *chaos, const struct balance *balance,
		   struct balance *total, int status)
{
	chaos->rounds++;
	balance_add(total, balance);
	tell(chaos->rounds, balance);
	chaos->resident_last_bytes = resident_bytes();
	if (chaos->rounds == 1)
		chaos->resident_first_bytes = chaos->resident_last_bytes;
	return balance_holds(balance) ? status : 1;
}

int chaos_run(const struct chaos_config *config, struct chaos *ret_chaos,
	      struct balance *ret_total, const char **reterr_cause)
{
	uint64_t state = config->seed;
	uint64_t planned_ns = 0;
	int status = 0;

	while (!status &&
	       (!config->duration_ns || planned_ns < config->duration_ns)) {
		struct balance balance = { .kernel = false };
		struct schedule_round plan;

		schedule_draw(&state, &plan);
		planned_ns += plan.duration_ms * MS_NS;
		if (config->verbose)
			schedule_print(&plan, ret_chaos->rounds + 1);
		status = run_round(config, &plan, &balance, reterr_cause);
		if (status >= 0)
			status =
				account(ret_chaos, &balance, ret_total, status);
	}
	return status;
}
