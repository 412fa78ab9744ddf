/* SPDX-License-Identifier: MIT */
/*
 * psring send - send synthetic samples to other processes
 *
 * The sender of --source synthetic as a process of its own: what it prints as
 * sent is what the receivers' ledgers must add up to.
 */
#include "clocks.h"
#include "human.h"
#include "options.h"
#include "output.h"
#include "privileges.h"
#include "signals.h"
#include "subcommands.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static const struct options_command command = {
	.name = "send",
	.text = "Send synthetic samples to a NETLINK_USERSOCK group, where\n"
		"psring dump or stat --source usersock:GROUP hears them.",
	.examples =
		"  psring send --to usersock:7 --rate 10000 --duration 5\n"
		"        to a psring stat --source usersock:7 that was started before\n"
		"  psring send --to usersock:7 --count 1000000 --group-count 3\n"
		"        a million, as fast as it goes, of the groups 1 to 3 in turn\n",
	.sections = OPTIONS_SECTION_TO | OPTIONS_SECTION_NETNS |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_COUNT |
		    OPTIONS_SECTION_DURATION | OPTIONS_SECTION_FORMAT,
};

/* Until a signal, the end of --count, or the end of --duration. */
static void send_wait(const struct synthetic *synthetic, int signals_fd,
		      uint64_t duration_ns)
{
	struct pollfd fds[] = {
		{ .fd = signals_fd, .events = POLLIN },
		{ .fd = synthetic_fd(synthetic), .events = POLLIN },
	};
	struct timespec timeout = clock_timespec((int64_t)duration_ns);

	/* No signal handler, so nothing interrupts it. */
	ppoll(fds, 2, duration_ns ? &timeout : NULL, NULL);
}

static int send_report(const struct options *options, uint64_t sent,
		       uint64_t elapsed_ns)
{
	double seconds = (double)elapsed_ns / 1e9;
	double per_s = seconds > 0 ? (double)sent / seconds : 0;
	char total[HUMAN_MAX], rate[HUMAN_MAX];

	if (options->format == OPTIONS_JSON)
		printf("{\"sent\":%" PRIu64 ",\"duration_s\":%.6f,"
		       "\"samples_per_s\":%.0f}\n",
		       sent, seconds, per_s);
	else
		printf("sent %s in %.3f s, %s samples a second\n",
		       human_digits(total, sent), seconds,
		       human_digits(rate, (uint64_t)per_s));
	return output_end();
}

/* Whether what was asked for was done. */
static int send_verdict(const struct options *options, uint64_t sent, int error)
{
	if (error < 0) {
		fprintf(stderr, "psring send: %s\n", strerrordesc_np(-error));
		return EXIT_FAILED;
	}
	if (signals_came() && (options->duration_ns || options->count) &&
	    (!options->count || sent < options->count)) {
		fputs("psring send: ended by a signal before --count or "
		      "--duration was reached\n",
		      stderr);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static int send_run(const struct options *options, struct synthetic *synthetic)
{
	int signals_fd = signals_open();
	uint64_t start_ns = clock_wall_ns();
	uint64_t elapsed_ns;
	int error, status;

	error = signals_fd < 0 ? signals_fd : synthetic_start(synthetic);
	if (!error) {
		send_wait(synthetic, signals_fd, options->duration_ns);
		synthetic_stop(synthetic);
		error = synthetic_wait(synthetic, 0);
	}
	elapsed_ns = clock_wall_ns() - start_ns;
	status = send_report(options, synthetic_sent(synthetic), elapsed_ns);
	if (status != EXIT_DONE)
		return status;
	return send_verdict(options, synthetic_sent(synthetic), error);
}

int send_main(int argc, char **argv)
{
	struct synthetic *synthetic;
	const char *cause = NULL;
	struct options options;
	int status;

	status = options_parse(&options, &command, argc, argv);
	if (status >= 0)
		return status;
	options.sender.usersock_group = options.to;
	options.sender.count = options.count;
	if (synthetic_open(&options.sender, &synthetic, &cause)) {
		fprintf(stderr, "psring send: %s\n", cause);
		return EXIT_FAILED;
	}
	if (privileges_drop(&options.user))
		fputs("psring send: not all privileges could be dropped\n",
		      stderr);
	status = send_run(&options, synthetic);
	synthetic_close(synthetic);
	return status;
}
