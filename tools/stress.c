/* SPDX-License-Identifier: MIT */
/*
 * psring stress - load the kernel's sampling and the engine, balance the books
 *
 * Here the command line, the soak and the end; the search for the highest rate
 * is in limit.c, chaos in chaos.c, a run of the engine in round.c, the sums in
 * balance.c, and what is told of it all in stress_report.c.
 *
 * It stays privileged: each round opens an engine of its own.
 */
#include "stress_report.h"

#include "output.h"
#include "signals.h"
#include "subcommands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS      1000000000ULL
#define MS_NS	       1000000ULL
#define HEADER_EVERY   20 /* lines */
#define MAX_ROUND_NS   SECOND_NS
#define USERSOCK_GROUP 29

static const struct options_command command = {
	.name = "stress",
	.text = "Load the kernel's sampling and psring, and tell where every "
		"packet went.",
	.examples =
		"  psring stress --sample-rate 10 --duration 5\n"
		"        where each packet went, of which tc samples 1 in 10\n"
		"  psring stress --max --queues 2\n"
		"        the highest rate at which 2 queues lose nothing\n"
		"  psring stress --source synthetic --stall 200/1000 --duration 5\n"
		"        consumers that stop for 200 ms a second; it takes no psample\n"
		"  psring stress --source synthetic --chaos --seed 7 --duration 60\n"
		"        random engines, stalls and restarts\n",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_ENGINE |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_SAMPLING |
		    OPTIONS_SECTION_STRESS | OPTIONS_SECTION_DURATION |
		    OPTIONS_SECTION_FORMAT,
};

struct stress {
	struct options options;
	struct testbed testbed;
	struct round_config config;
	struct stress_report report;
};

static int refuse(const char *cause)
{
	fprintf(stderr, "psring stress: %s\n", cause);
	return EXIT_USAGE;
}

static int check_mode(const struct options *options)
{
	if (options->max + options->chaos + (options->stall_every_ms > 0) > 1)
		return refuse("--max, --stall and --chaos: choose one");
	if (options->seed && !options->chaos)
		return refuse("--seed is for --chaos only");
	if (options->max && options->sender.rate)
		return refuse("--rate is what --max searches for");
	if (options->chaos && options_first(options, OPTIONS_SECTION_ENGINE)) {
		fprintf(stderr,
			"psring stress: --%s: --chaos draws the engine's "
			"options itself\n",
			options_first(options, OPTIONS_SECTION_ENGINE));
		return EXIT_USAGE;
	}
	return -1;
}

/* What no option can know alone. Return: -1 to go on */
static int check(const struct options *options)
{
	const char *sampling = options_first(options, OPTIONS_SECTION_SAMPLING);

	if (options->source == OPTIONS_USERSOCK)
		return refuse("--source must be psample or synthetic");
	if (options->source == OPTIONS_SYNTHETIC && sampling) {
		fprintf(stderr,
			"psring stress: --%s is for --source psample only\n",
			sampling);
		return EXIT_USAGE;
	}
	if (options->source == OPTIONS_PSAMPLE &&
	    options->sender.interface_count > 1)
		return refuse("--interfaces is for --source synthetic only");
	if (options->source == OPTIONS_PSAMPLE &&
	    options->sender.group_count > TESTBED_GROUPS_MAX)
		return refuse("--group-count: with --source psample at most 32,"
			      " for a tc filter holds no more actions");
	return check_mode(options);
}

static int complain(int err, const char *cause)
{
	fprintf(stderr, "psring stress: %s (%s)\n", cause,
		strerrorname_np(-err));
	return EXIT_FAILED;
}

static void tell_progress(uint32_t line, const struct balance *now,
			  const struct balance *before, double passed_s)
{
	if (line % HEADER_EVERY == 0)
		fprintf(stderr, "%14s%14s%16s%16s%12s\n", "packets/s",
			"samples/s", "sent", "received", "lost");
	fprintf(stderr, "%14.0f%14.0f%16" PRIu64 "%16" PRIu64 "%12" PRIu64 "\n",
		(double)(now->sent - before->sent) / passed_s,
		(double)(now->received - before->received) / passed_s,
		now->sent, now->received, balance_lost(now));
}

/* Whether consumers stop at a time, and until when it stays so. */
static bool stall_at(const struct options *options, uint64_t elapsed_ns,
		     uint64_t *ret_until_ns)
{
	uint64_t every_ns = options->stall_every_ms * MS_NS;
	uint64_t go_ns = every_ns - options->stall_ms * MS_NS;
	uint64_t begin_ns;

	*ret_until_ns = UINT64_MAX;
	if (!every_ns)
		return false;
	begin_ns = elapsed_ns / every_ns * every_ns;
	if (elapsed_ns < begin_ns + go_ns) {
		*ret_until_ns = begin_ns + go_ns;
		return false;
	}
	*ret_until_ns = begin_ns + every_ns;
	return true;
}

static void hold_all(const struct stress *stress, struct round *round,
		     bool held)
{
	for (uint32_t i = 0; i < stress->config.consumers; i++) {
		if (held)
			round_hold(round, i);
		else
			round_release(round, i);
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Stalls as asked for, up to the next full second or the end. */
static int soak_second(const struct stress *stress, struct round *round,
		       uint64_t until_ns)
{
	uint64_t now, change_ns;
	int status = 0;

	while (!status && (now = round_elapsed_ns(round)) < until_ns) {
		hold_all(stress, round,
			 stall_at(&stress->options, now, &change_ns));
		status = round_sleep(round, earlier(until_ns, change_ns));
	}
	return status;
}

static int soak_run(struct stress *stress, struct round *round,
		    const char **reterr_cause)
{
	uint64_t end_ns = UINT64_MAX;
	uint64_t next_ns, begin_ns = round_elapsed_ns(round);
	struct balance now, before = { 0 };
	int status = round_resume(round);

	if (stress->options.duration_ns)
		end_ns = begin_ns + stress->options.duration_ns;
	*reterr_cause = ROUND_CAUSE;
	for (uint32_t line = 0; !status && begin_ns < end_ns; line++) {
		next_ns = earlier(begin_ns + SECOND_NS, end_ns);
		status = soak_second(stress, round, next_ns);
		if (status)
			break;
		status = round_look(round, &now, reterr_cause);
		tell_progress(line, &now, &before,
			      (double)(next_ns - begin_ns) / 1e9);
		before = now;
		begin_ns = next_ns;
	}
	return status;
}

static int soak(struct stress *stress, const char **reterr_cause)
{
	struct round *round;
	const char *end_cause;
	int status, err = round_open(&stress->config, &round, reterr_cause);

	if (err)
		return err;
	status = soak_run(stress, round, reterr_cause);
	err = round_end(round, &stress->report.balance, &end_cause);
	round_close(round);
	if (err && status >= 0) {
		*reterr_cause = end_cause;
		status = err;
	}
	return status;
}

static int search(struct stress *stress, const char **reterr_cause)
{
	struct stress_report *report = &stress->report;
	uint64_t round_ns = stress->options.duration_ns;
	int status = limit_search(
		&stress->config, round_ns ? round_ns : MAX_ROUND_NS,
		&report->limit, &report->balance, reterr_cause);

	/* The balance of the rate that was found, unless one was not even. */
	if (report->limit.found && balance_holds(&report->balance))
		report->balance = report->limit.balance;
	return status;
}

static int chaos(struct stress *stress, const char **reterr_cause)
{
	const struct options *options = &stress->options;
	const struct chaos_config config = {
		.round = stress->config,
		.seed = options->seed ? options->seed : 1,
		.duration_ns = options->duration_ns,
		.verbose = options->verbose,
	};

	stress->report.seed = config.seed;
	return chaos_run(&config, &stress->report.chaos,
			 &stress->report.balance, reterr_cause);
}

static void configure(struct stress *stress, int signals_fd)
{
	const struct options *options = &stress->options;

	stress->config = (struct round_config){
		.engine = options->engine,
		.sender = options->sender,
		.consumers = options->consumers,
		.group_count = options->sender.group_count,
		.signals_fd = signals_fd,
	};
	stress->config.sender.usersock_group = USERSOCK_GROUP;
	if (options->source != OPTIONS_PSAMPLE)
		return;
	/* Packets have no group: tc samples each into all of them. */
	stress->config.sender.group_count = 1;
	stress->config.testbed = &stress->testbed;
}

/* The testbed, and on the way to it what packets cost that are not sampled. */
static int build_testbed(struct stress *stress, const char **reterr_cause)
{
	const struct options *options = &stress->options;
	struct testbed_config config = { .verbose = options->verbose };
	int err;

	if (!stress->config.testbed)
		return 0;
	err = testbed_open(&config, &stress->testbed, reterr_cause);
	if (err)
		return err;
	err = cost_measure_unheard(
		&stress->config, &stress->report.cost.unsampled, reterr_cause);
	testbed_close(&stress->testbed);
	if (err)
		return err;
	config.sample_rate = options->sample_rate;
	config.group_count = options->sender.group_count;
	config.trunc = options->trunc;
	return testbed_open(&config, &stress->testbed, reterr_cause);
}

static int run_mode(struct stress *stress, const char **reterr_cause)
{
	struct cost *cost = &stress->report.cost;
	struct balance first;
	int status = cost_measure_unheard(&stress->config, &cost->unheard,
					  reterr_cause);

	if (!status)
		status = cost_measure_heard(&stress->config, &cost->heard,
					    &first, reterr_cause);
	if (status)
		return status;
	if (!balance_holds(&first)) {
		stress->report.balance = first;
		return 0;
	}
	if (stress->options.max)
		return search(stress, reterr_cause);
	if (stress->options.chaos)
		return chaos(stress, reterr_cause);
	return soak(stress, reterr_cause);
}

/* Whether all that was asked for was done. @status: of the mode, 0 or 1 */
static int verdict(const struct stress *stress, int status)
{
	const struct stress_report *report = &stress->report;

	if (!report->balance.transport) {
		fputs("psring stress: ended by a signal before it began\n",
		      stderr);
		return EXIT_FAILED;
	}
	if (!balance_holds(&report->balance)) {
		fputs("psring stress: unaccounted samples: the books do not "
		      "balance\n",
		      stderr);
		return EXIT_FAILED;
	}
	if (status && (stress->options.duration_ns || stress->options.max)) {
		fputs("psring stress: ended by a signal before it was done\n",
		      stderr);
		return EXIT_FAILED;
	}
	if (stress->options.max && !report->limit.found) {
		fprintf(stderr, "psring stress: no rate was kept up with: %s\n",
			limit_cause_text(report->limit.cause));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static int stress_run(struct stress *stress)
{
	const char *cause = "cannot wait for signals";
	int written = EXIT_DONE, status = 0;

	if (stress->options.source == OPTIONS_PSAMPLE)
		status = testbed_private_network(&cause);
	if (status)
		return complain(status, cause);
	status = signals_open();
	if (status < 0)
		return complain(status, cause);
	configure(stress, status);
	status = build_testbed(stress, &cause);
	if (status)
		return complain(status, cause);
	status = run_mode(stress, &cause);
	if (stress->config.testbed)
		testbed_close(&stress->testbed);
	if (status < 0) {
		complain(status, cause);
		return exit_of_open(status);
	}
	if (stress->report.balance.transport)
		written = stress_report_write(&stress->report);
	status = verdict(stress, status);
	return written == EXIT_DONE ? status : written;
}

int stress_main(int argc, char **argv)
{
	struct stress *stress = calloc(1, sizeof(*stress));
	int status;

	if (!stress)
		return complain(-ENOMEM, "no memory");
	stress->report = (struct stress_report){
		.options = &stress->options,
		.argc = argc,
		.argv = argv,
		.cost = { -1, -1, -1 },
	};
	status = options_parse(&stress->options, &command, argc, argv);
	if (status < 0)
		status = check(&stress->options);
	if (status < 0)
		status = stress_run(stress);
	free(stress);
	return status;
}
