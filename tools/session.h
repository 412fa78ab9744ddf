/* SPDX-License-Identifier: MIT */
/*
 * One run of the engine, from opening it to the ledger: what dump and stat
 * have in common.
 *
 *	session_open	synthetic sender, engine, privileges dropped
 *	session_run	consumers, samples, until something ends it; then drained
 *	session_close
 *
 * It ends when --count or --duration is reached, at SIGINT or SIGTERM, or at an
 * error. What was received by then is still delivered, so that the ledger is
 * exact. Diagnostics go to standard error from here.
 */
#ifndef SESSION_H
#define SESSION_H

#include "consumers.h"
#include "ledger.h"
#include "options.h"

struct session;

#define SESSION_FDS 3

/*
 * What else happens in the thread that runs the session, once a second and
 * whenever it wakes. All but tick may be NULL.
 */
struct session_ticker {
	/* Return: 0, or a negative errno, which ends the run. */
	int (*tick)(void *context, struct psr *psr, uint64_t elapsed_ns);
	/* Likewise after each sleep, which a readable one of fds ends. */
	int (*wake)(void *context);
	/* Before anything is stopped, or told. */
	void (*end)(void *context);
	int fds[SESSION_FDS]; /* -1: none */
	void *context;
};

/*
 * @options and @client must outlive the session.
 * Return: an exit status; the session, if it is EXIT_DONE.
 */
int session_open(const struct options *options,
		 const struct consumers_client *client,
		 struct session **ret_session);

/* Become whom the options name. Return: an exit status. */
int session_drop_privileges(const struct options *options);

/*
 * @ticker: may be NULL
 * Return: an exit status; the ledger is filled in any case.
 */
int session_run(struct session *session, const struct session_ticker *ticker,
		struct ledger *ret_ledger);

/* @session: may be NULL */
void session_close(struct session *session);

#endif /* SESSION_H */
