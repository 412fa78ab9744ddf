/* SPDX-License-Identifier: MIT */
/*
 * A round: who runs when.
 *
 * The order of the end makes the balance exact: the sender stops, the engine
 * lets nothing more in, the consumers drain what is there, and only then are
 * the counters read. A restart keeps that order, but keeps the threads too: one
 * that drives its queue owns it for life. So a consumer whose queues have ended
 * parks until the engine was started again, or is to be closed.
 */
#include "round.h"

#include "clocks.h"
#include "consumers.h"
#include "ledger.h"
#include "signals.h"
#include "subcommands.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct round {
	struct round_config config;
	struct synthetic *sender;
	struct psr *psr;
	struct consumers_client client;
	struct consumers *consumers;
	struct balance balance;
	uint64_t opened_ns;
	uint64_t resumed_ns; /* 0 while the sender is paused */
	uint64_t hooked;     /* at the beginning */
	uint32_t numbers[TESTBED_GROUPS_MAX + 1]; /* the last of each group */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* A bit for each consumer, changed under the lock. A consumer looks
	 * without it first: relaxed, for nothing else depends on it. */
	_Atomic(uint64_t) held;
	uint32_t parked; /* consumers; under the lock */
	uint32_t starts; /* likewise */
	bool ending;	 /* likewise */
};

static bool is_held(struct round *round, uint32_t consumer)
{
	uint64_t held =
		atomic_load_explicit(&round->held, memory_order_relaxed);

	return held >> consumer & 1;
}

static int consumer_samples(void *context, uint32_t consumer,
			    const struct consumers_batch *batch)
{
	struct round *round = context;

	(void)batch;
	if (!is_held(round, consumer))
		return 0;
	pthread_mutex_lock(&round->lock);
	while (is_held(round, consumer))
		pthread_cond_wait(&round->changed, &round->lock);
	pthread_mutex_unlock(&round->lock);
	return 0;
}

static bool consumer_ended(void *context, uint32_t consumer)
{
	struct round *round = context;
	uint32_t starts;
	bool ending;

	(void)consumer;
	pthread_mutex_lock(&round->lock);
	starts = round->starts;
	round->parked++;
	pthread_cond_broadcast(&round->changed);
	while (starts == round->starts && !round->ending)
		pthread_cond_wait(&round->changed, &round->lock);
	ending = round->ending;
	pthread_mutex_unlock(&round->lock);
	return !ending;
}

static bool is_wanted(const struct psr_config *engine, uint32_t group)
{
	bool wanted = engine->group_count == 0;

	for (uint32_t i = 0; i < engine->group_count; i++)
		wanted |= engine->groups[i] == group;
	return wanted;
}

/* What psample has numbered since the last time that this was called. */
static int round_count_numbers(struct round *round, const char **reterr_cause)
{
	struct psr_group groups[TESTBED_GROUPS_MAX];
	int count = psr_groups(groups, TESTBED_GROUPS_MAX, reterr_cause);

	for (int i = 0; i < count && i < TESTBED_GROUPS_MAX; i++) {
		uint32_t group = groups[i].group;
		uint32_t *last;

		if (group > TESTBED_GROUPS_MAX)
			continue;
		last = &round->numbers[group];
		if (is_wanted(&round->config.engine, group))
			round->balance.numbered += groups[i].group_seq - *last;
		*last = groups[i].group_seq;
	}
	return count < 0 ? count : 0;
}

static void round_count_synthetic(struct round *round)
{
	round->balance.numbered = 0;
	for (uint32_t i = 1; i <= round->config.group_count; i++)
		if (is_wanted(&round->config.engine, i))
			round->balance.numbered +=
				synthetic_sent_group(round->sender, i);
}

/* Where the kernel's counters begin. */
static int round_begin(struct round *round, const char **reterr_cause)
{
	const struct testbed *testbed = round->config.testbed;
	struct balance *balance = &round->balance;
	int err = 0;

	balance->kernel = testbed != NULL;
	balance->sample_rate = testbed ? testbed->config.sample_rate : 1;
	balance->senders = round->config.sender.senders;
	for (uint32_t i = 1; i <= round->config.group_count; i++)
		balance->group_count += is_wanted(&round->config.engine, i);
	if (testbed)
		err = testbed_hooked(testbed, &round->hooked, reterr_cause);
	if (testbed && !err)
		err = round_count_numbers(round, reterr_cause);
	balance->numbered = 0;
	return err;
}

static int round_open_sender(struct round *round, const char **reterr_cause)
{
	struct synthetic_config sender = round->config.sender;

	if (round->config.testbed)
		sender.interface = round->config.testbed->interface;
	else
		sender.group_count = round->config.group_count;
	return synthetic_open(&sender, &round->sender, reterr_cause);
}

static int round_open_engine(struct round *round, const char **reterr_cause)
{
	struct psr_config *engine = &round->config.engine;

	if (!round->config.testbed) {
		engine->source = PSR_SOURCE_USERSOCK;
		engine->usersock_group = round->config.sender.usersock_group;
		engine->usersock_portid = synthetic_portid(round->sender);
	}
	return psr_open(engine, &round->psr, reterr_cause);
}

static void round_set_held(struct round *round, uint64_t held)
{
	pthread_mutex_lock(&round->lock);
	atomic_store_explicit(&round->held, held, memory_order_relaxed);
	pthread_cond_broadcast(&round->changed);
	pthread_mutex_unlock(&round->lock);
}

static void round_drain(struct round *round)
{
	uint64_t paused_ns = clock_wall_ns();

	round_set_held(round, 0);
	consumers_stop_engine(round->psr);
	pthread_mutex_lock(&round->lock);
	round->ending = true;
	pthread_cond_broadcast(&round->changed);
	pthread_mutex_unlock(&round->lock);
	consumers_join(round->consumers);
	round->balance.drain_ns = clock_wall_ns() - paused_ns;
}

static int round_start(struct round *round, const char **reterr_cause)
{
	int err;

	*reterr_cause = "threads for the consumers";
	round->client = (struct consumers_client){
		.samples = consumer_samples,
		.ended = consumer_ended,
		.context = round,
	};
	err = consumers_open(round->psr, &round->client,
			     round->config.consumers, &round->consumers);
	if (err)
		return err;
	err = consumers_start(round->consumers, 0);
	if (!err) {
		*reterr_cause = "starting the engine";
		err = psr_start(round->psr);
	}
	if (err)
		round_drain(round);
	return err;
}

int round_open(const struct round_config *config, struct round **ret_round,
	       const char **reterr_cause)
{
	struct round *round = calloc(1, sizeof(*round));
	int err;

	if (!round) {
		*reterr_cause = "memory for a round";
		return -ENOMEM;
	}
	round->config = *config;
	pthread_mutex_init(&round->lock, NULL);
	pthread_cond_init(&round->changed, NULL);
	round->opened_ns = clock_wall_ns();
	err = round_open_sender(round, reterr_cause);
	if (!err)
		err = round_open_engine(round, reterr_cause);
	if (!err)
		err = round_begin(round, reterr_cause);
	if (!err)
		err = round_start(round, reterr_cause);
	if (err) {
		round_close(round);
		return err;
	}
	*ret_round = round;
	return 0;
}

int round_resume(struct round *round)
{
	round->resumed_ns = clock_wall_ns();
	return synthetic_start(round->sender);
}

void round_pause(struct round *round)
{
	synthetic_stop(round->sender);
	if (round->resumed_ns)
		round->balance.duration_ns +=
			clock_wall_ns() - round->resumed_ns;
	round->resumed_ns = 0;
}

int round_restart(struct round *round)
{
	int err;

	consumers_stop_engine(round->psr);
	pthread_mutex_lock(&round->lock);
	while (round->parked < round->config.consumers)
		pthread_cond_wait(&round->changed, &round->lock);
	round->parked = 0;
	err = psr_start(round->psr);
	round->starts++;
	pthread_cond_broadcast(&round->changed);
	pthread_mutex_unlock(&round->lock);
	return err;
}

void round_hold(struct round *round, uint32_t consumer)
{
	round_set_held(round, atomic_load(&round->held) | 1ULL << consumer);
}

void round_release(struct round *round, uint32_t consumer)
{
	round_set_held(round, atomic_load(&round->held) & ~(1ULL << consumer));
}

uint64_t round_elapsed_ns(const struct round *round)
{
	return clock_wall_ns() - round->opened_ns;
}

/* 0, or 1 if a signal came, or an error. */
static int round_check(struct round *round)
{
	int sender = synthetic_wait(round->sender, 0);

	if (signals_came())
		return 1;
	if (consumers_error(round->consumers))
		return consumers_error(round->consumers);
	return sender < 0 ? sender : 0;
}

static void round_poll(const struct round *round, uint64_t until_ns)
{
	struct pollfd fds[] = {
		{ .fd = round->config.signals_fd, .events = POLLIN },
		{ .fd = consumers_fd(round->consumers), .events = POLLIN },
		/* A paused sender is done, which is no reason to wake up. */
		{ .fd = round->resumed_ns ? synthetic_fd(round->sender) : -1,
		  .events = POLLIN },
	};
	uint64_t now = round_elapsed_ns(round);
	uint64_t left = until_ns > now ? until_ns - now : 0;
	struct timespec timeout = clock_timespec((int64_t)left);

	ppoll(fds, sizeof(fds) / sizeof(fds[0]), &timeout, NULL);
}

int round_sleep(struct round *round, uint64_t until_ns)
{
	int status = round_check(round);

	while (!status && round_elapsed_ns(round) < until_ns) {
		round_poll(round, until_ns);
		status = round_check(round);
	}
	return status;
}

static void round_count(struct round *round)
{
	struct balance *balance = &round->balance;
	struct psr_stats stats;
	struct psr_info info;

	psr_info(round->psr, &info);
	psr_stats(round->psr, &stats);
	balance->transport = ledger_transport(&info);
	balance->sent = synthetic_sent(round->sender);
	balance->received = stats.received;
	balance->delivered = stats.delivered;
	balance->malformed = stats.malformed;
	balance->foreign = stats.foreign;
	balance->lost_socket = stats.lost_socket;
	balance->lost_ring = stats.lost_ring;
	balance->sender_cpu_ns = synthetic_cpu_ns(round->sender);
}

int round_look(struct round *round, struct balance *ret_balance,
	       const char **reterr_cause)
{
	int err = 0;

	round_count(round);
	if (round->config.testbed)
		err = round_count_numbers(round, reterr_cause);
	*ret_balance = round->balance;
	return err;
}

int round_end(struct round *round, struct balance *ret_balance,
	      const char **reterr_cause)
{
	uint64_t hooked = 0;
	int err;

	round_pause(round);
	round_drain(round);
	round_count(round);
	*reterr_cause = ROUND_CAUSE;
	err = consumers_error(round->consumers);
	if (!err && round->config.testbed) {
		err = round_count_numbers(round, reterr_cause);
		if (!err)
			err = testbed_hooked(round->config.testbed, &hooked,
					     reterr_cause);
		round->balance.hooked = hooked - round->hooked;
	} else {
		round_count_synthetic(round);
	}
	if (!err)
		*ret_balance = round->balance;
	return err;
}

void round_close(struct round *round)
{
	if (!round)
		return;
	synthetic_close(round->sender);
	consumers_close(round->consumers);
	psr_close(round->psr);
	pthread_cond_destroy(&round->changed);
	pthread_mutex_destroy(&round->lock);
	free(round);
}

int round_once(const struct round_config *config, uint64_t duration_ns,
	       struct balance *ret_balance, const char **reterr_cause)
{
	struct round *round;
	int status, err = round_open(config, &round, reterr_cause);

	if (err)
		return err;
	status = round_resume(round);
	if (!status)
		status = round_sleep(round,
				     round_elapsed_ns(round) + duration_ns);
	err = round_end(round, ret_balance, reterr_cause);
	round_close(round);
	if (status < 0)
		*reterr_cause = ROUND_CAUSE;
	return status ? status : err;
}
