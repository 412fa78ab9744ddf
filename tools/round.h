/* SPDX-License-Identifier: MIT */
/*
 * A round of psring stress: one engine, the sender that loads it, consumers
 * that can be stopped one by one, and the balance of it all.
 *
 *	round_open -> round_resume -> round_sleep -> [round_hold, round_release,
 *	round_pause, round_restart, round_resume, round_sleep]*
 *	-> round_end -> round_close
 *
 * A consumer that is held keeps what it has just borrowed, so that its queue
 * fills up behind it.
 *
 * Errors: negative errno, with the cause, a static string, where there is room
 * for it. One thread.
 */
#ifndef ROUND_H
#define ROUND_H

#include "balance.h"
#include "synthetic.h"
#include "testbed.h"

/* Of an error of round_resume, round_restart and round_sleep. */
#define ROUND_CAUSE "the sender or a consumer failed"

struct round;

struct round_config {
	const struct testbed *testbed; /* NULL: the synthetic source */
	struct psr_config engine;
	struct synthetic_config sender;
	uint32_t consumers;
	uint32_t group_count; /* sample groups 1 to N are sent */
	int signals_fd;
};

/* Everything but the sender runs. */
int round_open(const struct round_config *config, struct round **ret_round,
	       const char **reterr_cause);

/* The sender sends, or is paused: then nothing of it is under way. */
int round_resume(struct round *round);
void round_pause(struct round *round);

/*
 * Stop the engine, wait until all is drained, and start it again, in which the
 * same threads go on. Only while the sender is paused and nobody is held.
 */
int round_restart(struct round *round);

/* Hold a consumer; release it. */
void round_hold(struct round *round, uint32_t consumer);
void round_release(struct round *round, uint32_t consumer);

/* Time since round_open. */
uint64_t round_elapsed_ns(const struct round *round);

/*
 * Sleep until a time since round_open.
 * Return: 0, or 1 if a signal asked for the end, or the error of the sender or
 * of a consumer.
 */
int round_sleep(struct round *round, uint64_t until_ns);

/* What was counted until now, at least once in 2^32 samples of a group. */
int round_look(struct round *round, struct balance *ret_balance,
	       const char **reterr_cause);

/* Pause, release, stop, drain, join, and count for good. */
int round_end(struct round *round, struct balance *ret_balance,
	      const char **reterr_cause);

/* @round: may be NULL; else ended, or it could not be opened */
void round_close(struct round *round);

/* A round that is not disturbed. Return: 0, 1 at a signal, or an error. */
int round_once(const struct round_config *config, uint64_t duration_ns,
	       struct balance *ret_balance, const char **reterr_cause);

#endif /* ROUND_H */
