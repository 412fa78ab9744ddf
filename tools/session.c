/* SPDX-License-Identifier: MIT */
/*
 * One run of the engine. The main thread waits in poll for what may end it:
 * a signal, the consumers (the limit, an error), the synthetic sender, time.
 *
 * The order of the end makes the ledger exact: the sender stops, the engine
 * lets nothing more in, the consumers drain what is there and are joined, and
 * only then are the counters read.
 */
#include "session.h"

#include "advice.h"
#include "clocks.h"
#include "human.h"
#include "joiner.h"
#include "output.h"
#include "privileges.h"
#include "signals.h"
#include "subcommands.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND_NS 1000000000ULL

enum session_end {
	SESSION_RUNS,
	SESSION_SIGNAL,
	SESSION_ERROR,
	SESSION_COUNT, /* the client has all that it wanted */
	SESSION_SENT,  /* the synthetic sender is done */
	SESSION_TIME,
};

struct session {
	const struct options *options;
	const struct session_ticker *ticker;
	struct synthetic *synthetic; /* NULL: samples come from elsewhere */
	struct joiner *joiner;	     /* source psample, else NULL */
	struct psr *psr;
	struct consumers *consumers;
	int signals_fd;
	int is_listening;      /* as psr_watch last said; -1: not yet */
	uint64_t watch_due_ns; /* CLOCK_MONOTONIC; UINT64_MAX: not */
	int watch_error;       /* told already */
	int error;	    /* of starting or ticking; consumers have theirs */
	uint64_t start_ns;  /* CLOCK_MONOTONIC */
	uint64_t cpu_start; /* of the process */
	uint64_t ticks;
};

static int complain(const char *what, int error, const char *cause)
{
	if (cause)
		fprintf(stderr, "psring: %s: %s (%s)\n", what, cause,
			strerrorname_np(-error));
	else
		fprintf(stderr, "psring: %s: %s\n", what,
			strerrordesc_np(-error));
	return EXIT_FAILED;
}

static int session_open_synthetic(struct session *session)
{
	struct synthetic_config config = session->options->sender;
	const char *cause = NULL;
	int error;

	if (session->options->source != OPTIONS_SYNTHETIC)
		return EXIT_DONE;
	config.count = session->options->count;
	error = synthetic_open(&config, &session->synthetic, &cause);
	return error ? complain("the synthetic sender", error, cause)
		     : EXIT_DONE;
}

static int session_open_engine(struct session *session)
{
	struct psr_config config = session->options->engine;
	const char *cause = NULL;
	int error;

	if (session->synthetic) {
		config.usersock_group = session->options->sender.usersock_group;
		config.usersock_portid = synthetic_portid(session->synthetic);
	}
	if (session->joiner) {
		config.join = joiner_join;
		config.join_context = session->joiner;
	}
	error = psr_open(&config, &session->psr, &cause);
	if (!error)
		return EXIT_DONE;
	complain("cannot open the engine", error, cause);
	return exit_of_open(error);
}

/* Being told to become somebody else is not to be ignored. */
int session_drop_privileges(const struct options *options)
{
	int error = privileges_drop(&options->user);

	if (error)
		fprintf(stderr,
			"psring: not all privileges could be dropped: %s\n",
			strerrordesc_np(-error));
	if (!options->user.name || getuid() == options->user.uid)
		return EXIT_DONE;
	fputs("psring: --user: only root can become another user\n", stderr);
	return EXIT_FAILED;
}

static int session_build(struct session *session,
			 const struct consumers_client *client)
{
	struct psr_info info;
	int status, error = 0;

	if (session->options->engine.await_family &&
	    !privileges_has(CAP_NET_ADMIN))
		return complain("--wait", -EPERM,
				"to join later takes CAP_NET_ADMIN (run as "
				"root)");
	if (session->options->source == OPTIONS_PSAMPLE)
		error = joiner_open(&session->options->user, &session->joiner);
	if (error)
		return complain("cannot start the joiner", error, NULL);
	session->signals_fd = signals_open();
	if (session->signals_fd < 0)
		return complain("cannot wait for signals", session->signals_fd,
				NULL);
	status = session_open_synthetic(session);
	if (status == EXIT_DONE)
		status = session_open_engine(session);
	if (status == EXIT_DONE)
		status = session_drop_privileges(session->options);
	if (status != EXIT_DONE)
		return status;
	error = consumers_open(session->psr, client,
			       session->options->consumers,
			       &session->consumers);
	if (error)
		return complain("no consumers", error, NULL);
	psr_info(session->psr, &info);
	advice_open(session->options, &info);
	return EXIT_DONE;
}

int session_open(const struct options *options,
		 const struct consumers_client *client,
		 struct session **ret_session)
{
	struct session *session = calloc(1, sizeof(*session));
	int status;

	if (!session)
		return complain("session", -ENOMEM, NULL);
	session->options = options;
	status = session_build(session, client);
	if (status == EXIT_DONE)
		*ret_session = session;
	else
		session_close(session);
	return status;
}

/* EPIPE: the joiner is gone. Anything else may pass. */
static int session_watch_error(struct session *session, int error)
{
	if (error != -EPERM && error != -EPIPE) {
		session->watch_due_ns = clock_wall_ns() + SECOND_NS;
		return 0;
	}
	complain("interrupted, cannot join again: keep CAP_NET_ADMIN", error,
		 NULL);
	session->watch_error = error;
	return error;
}

/* Follows psample, and tells when samples can come and when they cannot. */
static int session_watch(struct session *session)
{
	int is_listening = psr_watch(session->psr);

	session->watch_due_ns = UINT64_MAX;
	if (is_listening < 0)
		return session_watch_error(session, is_listening);
	if (is_listening == session->is_listening)
		return 0;
	if (is_listening)
		advice_listening(session->options, session->psr);
	else
		fprintf(stderr, "%swaiting for psample to be loaded\n",
			session->is_listening < 0 ? "" : "interrupted: ");
	session->is_listening = is_listening;
	return 0;
}

/* The synthetic sender counts for itself; elsewhere the consumers do. */
static int session_start(struct session *session)
{
	uint64_t limit = session->synthetic ? 0 : session->options->count;
	int error;

	session->cpu_start = clock_ns_of(CLOCK_PROCESS_CPUTIME_ID);
	session->start_ns = clock_wall_ns();
	error = consumers_start(session->consumers, limit);
	if (!error)
		error = psr_start(session->psr);
	session->is_listening = -1;
	if (!error)
		error = session_watch(session);
	if (error)
		return error;
	return session->synthetic ? synthetic_start(session->synthetic) : 0;
}

/* When something is to happen by itself; UINT64_MAX: never. */
static uint64_t session_next_ns(const struct session *session)
{
	uint64_t duration_ns = session->options->duration_ns;
	uint64_t tick_ns = (session->ticks + 1) * SECOND_NS;
	uint64_t watch_ns = UINT64_MAX;

	if (!session->ticker)
		tick_ns = UINT64_MAX;
	if (!duration_ns)
		duration_ns = UINT64_MAX;
	if (session->watch_due_ns != UINT64_MAX)
		watch_ns = session->watch_due_ns - session->start_ns;
	if (watch_ns < tick_ns)
		tick_ns = watch_ns;
	return tick_ns < duration_ns ? tick_ns : duration_ns;
}

static int session_ticker_fd(const struct session *session, int place)
{
	return session->ticker ? session->ticker->fds[place] : -1;
}

static void session_sleep(struct session *session)
{
	struct pollfd fds[] = {
		{ .fd = session->signals_fd, .events = POLLIN },
		{ .fd = consumers_fd(session->consumers), .events = POLLIN },
		/* poll skips a negative descriptor. */
		{ .fd = session->synthetic ? synthetic_fd(session->synthetic)
					   : -1,
		  .events = POLLIN },
		{ .fd = psr_watch_fd(session->psr), .events = POLLIN },
		{ .fd = session_ticker_fd(session, 0), .events = POLLIN },
		{ .fd = session_ticker_fd(session, 1), .events = POLLIN },
		{ .fd = session_ticker_fd(session, 2), .events = POLLIN },
	};
	uint64_t elapsed = clock_wall_ns() - session->start_ns;
	uint64_t next = session_next_ns(session);
	uint64_t left = next > elapsed ? next - elapsed : 0;
	struct timespec timeout = clock_timespec((int64_t)left);

	ppoll(fds, sizeof(fds) / sizeof(fds[0]),
	      next == UINT64_MAX ? NULL : &timeout, NULL);
	if (fds[3].revents)
		session->watch_due_ns = 0;
}

static int session_tick(struct session *session, uint64_t elapsed)
{
	const struct session_ticker *ticker = session->ticker;
	int error = 0;

	if (ticker && ticker->wake)
		error = ticker->wake(ticker->context);
	if (error || !ticker || elapsed < (session->ticks + 1) * SECOND_NS)
		return error;
	session->ticks = elapsed / SECOND_NS;
	return ticker->tick(ticker->context, session->psr, elapsed);
}

static enum session_end session_check(struct session *session)
{
	uint64_t duration_ns = session->options->duration_ns;
	uint64_t elapsed = clock_wall_ns() - session->start_ns;

	if (signals_came())
		return SESSION_SIGNAL;
	if (consumers_error(session->consumers))
		return SESSION_ERROR;
	if (consumers_reached_limit(session->consumers))
		return SESSION_COUNT;
	if (session->synthetic && synthetic_wait(session->synthetic, 0))
		return SESSION_SENT;
	if (clock_wall_ns() >= session->watch_due_ns && session_watch(session))
		return SESSION_ERROR;
	session->error = session_tick(session, elapsed);
	if (session->error)
		return SESSION_ERROR;
	if (duration_ns && elapsed >= duration_ns)
		return SESSION_TIME;
	return SESSION_RUNS;
}

static void session_stop(struct session *session)
{
	if (session->synthetic)
		synthetic_stop(session->synthetic);
	consumers_stop_engine(session->psr);
	consumers_join(session->consumers);
}

static uint64_t session_sent(const struct session *session)
{
	const struct psr_config *engine = &session->options->engine;
	uint64_t sum = 0;

	if (!engine->group_count)
		return synthetic_sent(session->synthetic);
	/* Only what the filters let pass was sent to us. */
	for (uint32_t i = 0; i < engine->group_count; i++)
		sum += synthetic_sent_group(session->synthetic,
					    engine->groups[i]);
	return sum;
}

static void session_account(struct session *session, struct ledger *ledger)
{
	uint64_t cpu =
		clock_ns_of(CLOCK_PROCESS_CPUTIME_ID) - session->cpu_start;

	memset(ledger, 0, sizeof(*ledger));
	ledger_read(ledger, session->psr);
	ledger->duration_ns = clock_wall_ns() - session->start_ns;
	ledger->unmatched = consumers_unwanted(session->consumers);
	ledger->discarded = consumers_discarded(session->consumers);
	ledger->cpu_ns = cpu;
	ledger->thin = session->options->engine.thin;
	if (!session->synthetic)
		return;
	ledger->has_sent = 1;
	ledger->sent = session_sent(session);
	ledger->cpu_ns -= synthetic_cpu_ns(session->synthetic);
}

/* An error that ended the run. */
static int session_failure(const struct session *session)
{
	int error = session->error ? session->error
				   : consumers_error(session->consumers);
	int sender = 0;

	if (session->watch_error)
		return EXIT_FAILED;
	if (error == -EPIPE)
		output_complain(EPIPE);
	else if (error)
		complain("ended by the output or a consumer", error, NULL);
	if (session->synthetic)
		sender = synthetic_wait(session->synthetic, 0);
	if (sender < 0)
		complain("the synthetic sender", sender, NULL);
	return error || sender < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Samples that should be delivered: of thinned ones, those that passed. */
static uint64_t session_wanted(const struct session *session,
			       const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;

	if (!session->synthetic)
		return session->options->count;
	if (ledger->thin > 1)
		return total->received + total->lost_socket + total->lost_ring;
	return ledger->sent;
}

/* In percent of what was sent to us, which is what the kernel let pass. */
static int session_check_loss(const struct session *session,
			      const struct ledger *ledger)
{
	const struct psr_stats *total = &ledger->total;
	double lost = (double)(total->lost_socket + total->lost_ring);
	double percent = 100 * lost / ((double)total->received + lost);
	double allowed = (double)session->options->max_loss / 1e9;

	if (session->options->max_loss == UINT64_MAX || lost == 0 ||
	    percent <= allowed)
		return EXIT_DONE;
	fprintf(stderr,
		"psring: %.3g %% of the samples were lost, which is above "
		"--max-loss %.10g\n",
		percent, allowed);
	return EXIT_LOSS;
}

/* Whether all that was asked for was done. */
static int session_verdict(const struct session *session, enum session_end end,
			   const struct ledger *ledger)
{
	const struct options *options = session->options;
	uint64_t used = ledger->total.delivered - ledger->discarded;
	uint64_t wanted = session_wanted(session, ledger);
	char sent[HUMAN_MAX], missing[HUMAN_MAX];
	int status = session_failure(session);

	if (status != EXIT_DONE)
		return status;
	if (end == SESSION_SIGNAL && (options->count || options->duration_ns)) {
		fputs("psring: ended by a signal before --count or --duration "
		      "was reached\n",
		      stderr);
		status = EXIT_FAILED;
	}
	/* Where loss is allowed for, it is judged by how much it is. */
	if (end == SESSION_SENT && used < wanted &&
	    options->max_loss == UINT64_MAX) {
		fprintf(stderr,
			"psring: of %s samples sent, %s were not delivered\n",
			human_digits(sent, wanted),
			human_digits(missing, wanted - used));
		status = EXIT_FAILED;
	}
	if (!ledger_is_balanced(ledger)) {
		fputs("psring: the ledger is not balanced\n", stderr);
		status = EXIT_FAILED;
	}
	return status == EXIT_DONE ? session_check_loss(session, ledger)
				   : status;
}

int session_run(struct session *session, const struct session_ticker *ticker,
		struct ledger *ret_ledger)
{
	enum session_end end = SESSION_RUNS;

	session->ticker = ticker;
	session->error = session_start(session);
	if (session->error)
		end = SESSION_ERROR;
	while (end == SESSION_RUNS) {
		session_sleep(session);
		end = session_check(session);
	}
	if (ticker && ticker->end)
		ticker->end(ticker->context);
	session_stop(session);
	session_account(session, ret_ledger);
	advice_end(session->options, ret_ledger);
	return session_verdict(session, end, ret_ledger);
}

void session_close(struct session *session)
{
	if (!session)
		return;
	consumers_close(session->consumers);
	psr_close(session->psr);
	synthetic_close(session->synthetic);
	joiner_close(session->joiner);
	free(session);
}
