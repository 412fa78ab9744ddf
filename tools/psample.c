/* SPDX-License-Identifier: MIT */
/*
 * psample - the tool of libpsample, by psring
 *
 * Called by that name, psring takes that tool's options and prints its lines, so that
 * scripts and the kernel's selftests run as they are. What comes behind is
 * dump's: an engine and a session. A second thread prints what psample tells of
 * its groups. Scripts count lines: nothing is told but errors, and losses. Only
 * --write is dump itself, with its summary and ledger.
 */
#include "group_events.h"
#include "groups.h"
#include "number.h"
#include "options_entry.h"
#include "output.h"
#include "psample_line.h"
#include "session.h"
#include "signals.h"
#include "subcommands.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FLUSH_BYTES (64 << 10)

struct psample {
	int lists;
	int monitors; /* was said, and not just the default */
	int no_config;
	int no_sample;
	int verbose;
	int has_group;
	uint32_t group;
	char *write_path;	/* NULL: none */
	struct options options; /* of the session */
	struct ledger ledger;
	int events_fd; /* with no_config: none */
	int stop_fd;   /* ends the thread that prints events */
	struct psample_second second;
	char *end; /* of what is written, in text */
	char text[FLUSH_BYTES + PSAMPLE_LINE_MAX];
};

static void usage(FILE *stream)
{
	fputs("Usage: psample [-m] [-c | -s] [-g GROUP_NUM] [-v]\n"
	      "       psample -l | -w FILE\n\n"
	      "Monitor psample packets, as libpsample's tool does.\n\n"
	      "  -l, --list-groups      list the current groups\n"
	      "  -m, --monitor          monitor sampled packets (default)\n"
	      "  -c, --no-config        do not show groups come and go\n"
	      "  -s, --no-sample        do not show samples\n"
	      "  -g, --group GROUP_NUM  only this sample group\n"
	      "  -v, --verbose          show the packets' data\n"
	      "  -w, --write FILE       write samples to a capture file, or -\n\n"
	      "Examples:\n"
	      "  psample --no-config --group 5\n"
	      "        what is sampled into group 5\n"
	      "  psample -w - | tshark -r - -V\n"
	      "        Wireshark's words for each sample\n\n"
	      "psring(8) is the tool behind it, and can do more.\n",
	      stream);
}

static int refuse(const char *cause)
{
	fprintf(stderr, "psample: %s\n", cause);
	return EXIT_USAGE;
}

/* What contradicts itself. Return: -1 to go on, else the exit status. */
static int check(const struct psample *psample)
{
	if (psample->lists && psample->monitors)
		return refuse("--list-groups and --monitor: choose one");
	if (psample->lists && (psample->no_config || psample->no_sample))
		return refuse("--list-groups shows neither samples nor events");
	if (psample->no_config && psample->no_sample)
		return refuse("--no-config and --no-sample: nothing is left");
	if (psample->write_path &&
	    (psample->lists || psample->monitors || psample->no_config ||
	     psample->no_sample || psample->verbose || psample->has_group))
		return refuse("--write goes with no other option");
	return -1;
}

static int parse_group(struct psample *psample, const char *text)
{
	uint64_t value;

	if (number_parse(text, &value) || value > UINT32_MAX)
		return refuse("--group takes a number of 32 bits");
	psample->group = (uint32_t)value;
	psample->has_group = 1;
	return -1;
}

/* Return: -1 to go on, else the exit status. */
static int parse_option(struct psample *psample, int option)
{
	switch (option) {
	case 'l':
		psample->lists = 1;
		return -1;
	case 'm':
		psample->monitors = 1;
		return -1;
	case 'c':
		psample->no_config = 1;
		return -1;
	case 's':
		psample->no_sample = 1;
		return -1;
	case 'v':
		psample->verbose = 1;
		return -1;
	case 'g':
		return parse_group(psample, optarg);
	case 'w':
		psample->write_path = optarg;
		return *optarg ? -1 : refuse("--write takes a path");
	case 'h':
		usage(stdout);
		return output_end();
	default: /* getopt_long has said why */
		usage(stderr);
		return EXIT_USAGE;
	}
}

static int parse(struct psample *psample, int argc, char **argv)
{
	static const struct option table[] = {
		{ "list-groups", no_argument, NULL, 'l' },
		{ "monitor", no_argument, NULL, 'm' },
		{ "no-config", no_argument, NULL, 'c' },
		{ "no-sample", no_argument, NULL, 's' },
		{ "group", required_argument, NULL, 'g' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "write", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, status = -1;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	while ((option = getopt_long(argc, argv, "lmcsg:vw:", table, NULL)) !=
	       -1) {
		status = parse_option(psample, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc)
		return refuse("it takes options only: see psample --help");
	return check(psample);
}

static int complain(int error, const char *cause)
{
	fprintf(stderr, "psample: %s\n",
		cause ? cause : strerrordesc_np(-error));
	return EXIT_FAILED;
}

static int list_groups(void)
{
	struct psr_group *groups = NULL;
	const char *cause = NULL;
	int count = groups_read(&groups, &cause);

	if (count < 0)
		return complain(count, cause);
	if (count)
		printf("%-15s %-15s %-15s\n", "Group Num", "Refcount",
		       "Group Seq");
	for (int i = 0; i < count; i++)
		printf("%-15u %-15u %-15u\n", groups[i].group,
		       groups[i].refcount, groups[i].group_seq);
	free(groups);
	return output_end();
}

static int flush(struct psample *psample)
{
	size_t length = (size_t)(psample->end - psample->text);

	psample->end = psample->text;
	return length ? output_write(psample->text, length) : 0;
}

/* No line waits for samples that are yet to come. */
static int print_samples(void *context, uint32_t consumer,
			 const struct consumers_batch *batch)
{
	struct psample *psample = context;
	struct sample sample = { .queue = batch->queue };
	int error = 0;

	(void)consumer;
	for (uint32_t i = 0; i < batch->count && !error; i++) {
		sample.view = &batch->views[i];
		psample->end = psample_line(psample->end, &sample,
					    &psample->second, psample->verbose);
		if (psample->end - psample->text >= FLUSH_BYTES)
			error = flush(psample);
	}
	return error ? error : flush(psample);
}

static const uint32_t *wanted_group(const struct psample *psample)
{
	return psample->has_group ? &psample->group : NULL;
}

static void *events_run(void *context)
{
	struct psample *psample = context;

	/* When nobody reads any more, the next sample finds out as well. */
	(void)group_events_print(psample->events_fd, wanted_group(psample),
				 psample->stop_fd);
	return NULL;
}

static int run_session(struct psample *psample, struct session *session)
{
	uint64_t lost;
	int status = session_run(session, NULL, &psample->ledger);

	lost = psample->ledger.total.lost_socket +
	       psample->ledger.total.lost_ring;
	if (lost)
		fprintf(stderr, "psample: %llu samples were lost\n",
			(unsigned long long)lost);
	return status;
}

/* Samples by a session, and beside it the groups' events, if wanted. */
static int print_both(struct psample *psample, struct session *session)
{
	pthread_t thread;
	int status, error;

	if (psample->no_config)
		return run_session(psample, session);
	psample->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (psample->stop_fd < 0)
		return complain(-errno, NULL);
	/* A child of the thread that blocked the signals. */
	error = pthread_create(&thread, NULL, events_run, psample);
	if (error) {
		close(psample->stop_fd);
		return complain(-error, NULL);
	}
	status = run_session(psample, session);
	eventfd_write(psample->stop_fd, 1);
	pthread_join(thread, NULL);
	close(psample->stop_fd);
	return status;
}

static int print_samples_too(struct psample *psample)
{
	const struct consumers_client client = { .samples = print_samples,
						 .context = psample };
	struct session *session;
	int status;

	options_init(&psample->options);
	psample->options.consumers = 1;
	psample->options.quiet = 1;
	psample->options.engine.groups = wanted_group(psample);
	psample->options.engine.group_count = psample->has_group ? 1 : 0;
	psample->end = psample->text;
	status = session_open(&psample->options, &client, &session);
	if (status != EXIT_DONE)
		return status;
	status = print_both(psample, session);
	session_close(session);
	return status;
}

static int print_events_only(struct psample *psample)
{
	int error = signals_open();

	if (error < 0)
		return complain(error, NULL);
	psample->stop_fd = error;
	error = privileges_drop(&PRIVILEGES_NOBODY);
	if (!error)
		error = group_events_print(psample->events_fd,
					   wanted_group(psample),
					   psample->stop_fd);
	return error ? complain(error, NULL) : EXIT_DONE;
}

static int monitor(struct psample *psample)
{
	const char *cause = NULL;
	int error, status;

	if (psample->no_config)
		return print_samples_too(psample);
	error = group_events_open(&psample->events_fd, &cause);
	if (error)
		return complain(error, cause);
	status = psample->no_sample ? print_events_only(psample)
				    : print_samples_too(psample);
	close(psample->events_fd);
	return status;
}

/* Those files have the format of dump's. */
static int write_samples(char *path)
{
	char name[] = "dump";
	char option[] = "--write";
	char *argv[] = { name, option, path, NULL };

	optind = 1; /* getopt_long begins anew */
	return dump_main(3, argv);
}

int psample_main(int argc, char **argv)
{
	struct psample *psample = calloc(1, sizeof(*psample));
	int status;

	if (!psample)
		return complain(-ENOMEM, NULL);
	status = parse(psample, argc, argv);
	if (status < 0 && psample->write_path)
		status = write_samples(psample->write_path);
	else if (status < 0)
		status = psample->lists ? list_groups() : monitor(psample);
	free(psample);
	return status;
}
