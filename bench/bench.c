/* SPDX-License-Identifier: MIT */
/*
 * psring-bench: what receiving samples costs, and who does it better.
 *
 *	options.c	what is asked for
 *	scenario.c	the plan: cells, each one reader with one set of
 *			parameters; all of them are run once in each round
 *	run.c		one run: traffic.c sends, reader.c receives
 *	results.c	what was found: table.c, sentence.c, report.c and
 *			compare.c tell it
 *
 * All rounds of a cell lie as far apart as the whole run is long, so that a
 * mood of the machine does not become a property of a reader.
 */
#include "compare.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "sentence.h"
#include "surroundings.h"
#include "table.h"
#include "testbed.h"
#include "traffic.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beside its window and warm-up, a run opens and closes a reader. */
#define RUN_SHARE 1.25
#define RUN_S	  0.05
#define BRIEF_S	  0.1

#define MMAP_THRESHOLD (128 << 10) /* glibc's first, and then kept */

static int complain(const char *what, const char *cause, int err)
{
	fprintf(stderr, "psring-bench: %s: %s: %s\n", what, cause,
		strerrordesc_np(-err));
	return EXIT_FAILURE;
}

/* The first two CPUs of those that this program may use. */
static bool choose_cpus(struct bench *bench)
{
	cpu_set_t cpus;
	int found[2] = { 0, 0 };
	uint32_t count = 0;

	CPU_ZERO(&cpus);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++)
		if (CPU_ISSET((size_t)cpu, &cpus))
			found[count++] = cpu;
	bench->sender_cpu = found[0];
	bench->receiver_cpu = count == 2 ? found[1] : found[0];
	return count == 2;
}

/* This thread, and all that it starts, receives; the sender pins itself. */
static void pin_receiver(const struct bench *bench)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)bench->receiver_cpu, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

static void skip(struct results *results, const char *name, const char *reason)
{
	struct skipped *skipped = &results->skipped[results->skipped_count++];

	snprintf(skipped->name, sizeof(skipped->name), "%s", name);
	snprintf(skipped->reason, sizeof(skipped->reason), "%s", reason);
	fprintf(stderr, "psring-bench: without %s: %s\n", name, reason);
}

/*
 * Leaves out the readers that do not work here. One of the plain ones that
 * does not says that nothing will: it is an error.
 */
static int probe_readers(struct bench *bench, struct results *results)
{
	const struct traffic_config quiet = { .size = 128,
					      .group_count = 1,
					      .cpu = bench->sender_cpu };
	const char *cause = "";
	struct traffic *traffic;
	struct receiver *receiver;
	struct psr_config config;
	uint32_t count = 0;
	int err = traffic_open(&quiet, &traffic, &cause);

	if (err)
		return complain("the sender", cause, err);
	psr_config_init(&config);
	traffic_configure(traffic, &config);
	for (uint32_t i = 0; i < bench->reader_count; i++) {
		const struct reader *reader = bench->readers[i];

		err = receiver_open(reader, &config, &receiver, &cause);
		if (!err) {
			receiver_close(receiver);
			bench->readers[count++] = reader;
		} else if (reader->is_baseline) {
			break;
		} else {
			skip(results, reader->name, cause);
			err = 0;
		}
	}
	bench->reader_count = count;
	traffic_close(traffic);
	return err ? complain("a receiver", cause, err) : 0;
}

static bool is_wanted(const struct options *options,
		      const struct scenario *scenario)
{
	for (uint32_t i = 0; i < options->scenario_count; i++)
		if (options->scenarios[i] == scenario)
			return true;
	return options->scenario_count == 0;
}

/* Return: 0, or the exit status: what was asked for by name cannot be done. */
static int make_plan(const struct options *options, struct results *results,
		     struct plan *ret_plan)
{
	bool one_cpu = options->bench.sender_cpu == options->bench.receiver_cpu;
	const char *cause = "";

	for (uint32_t i = 0; i < scenario_count; i++) {
		const struct scenario *scenario = &scenarios[i];
		int err = 0;

		if (!is_wanted(options, scenario))
			continue;
		if (scenario->kernel)
			err = traffic_kernel_probe(&cause);
		if (scenario->needs_two_cpus && one_cpu) {
			cause = "it needs two CPUs";
			err = -ENODEV;
		}
		if (!err)
			scenario->plan(scenario, &options->bench, ret_plan);
		else if (options->scenario_count)
			return complain(scenario->name, cause, err);
		else
			skip(results, scenario->name, cause);
	}
	return 0;
}

static void name_rows(const struct plan *plan, struct results *results)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct cell *cell = &plan->cells[i];
		struct result *row = &results->rows[i];

		snprintf(row->scenario, sizeof(row->scenario), "%s",
			 cell->scenario->name);
		snprintf(row->reader, sizeof(row->reader), "%s", cell->name);
		row->params = cell->params;
	}
	results->count = plan->count;
}

/* What else may be said of a row matters less than this. */
static void invalidate_rows(struct results *results)
{
	for (uint32_t i = 0; i < results->count; i++) {
		struct result *row = &results->rows[i];

		snprintf(row->invalid, sizeof(row->invalid),
			 "one CPU: sender and receiver measure each other");
	}
}

static double cell_seconds(const struct cell *cell, const struct bench *bench)
{
	uint32_t runs = cell->scenario->runs;

	return runs ? runs * (bench->duration_s * RUN_SHARE + RUN_S) : BRIEF_S;
}

/* How long all of it will take. */
static double announce(const struct plan *plan, const struct bench *bench)
{
	double expected_s = 0;

	for (uint32_t i = 0; i < plan->count; i++)
		expected_s +=
			bench->rounds * cell_seconds(&plan->cells[i], bench);
	fprintf(stderr,
		"psring-bench: %u measurements in %u rounds, about %.0f "
		"seconds%s\n",
		plan->count, bench->rounds, expected_s,
		bench->quick ? "" : " (--quick takes less)");
	return expected_s;
}

static int run_cell(const struct cell *cell, const struct bench *bench,
		    struct result *row)
{
	char cause[TEXT_BYTES] = "", text[PARAMS_TEXT];
	int err = cell->scenario->run(cell, bench, row, cause);

	if (!err)
		return 0;
	fprintf(stderr, "\npsring-bench: %s, %s %s: %s: %s\n", row->scenario,
		row->reader, params_text(&row->params, text), cause,
		strerrordesc_np(-err));
	return EXIT_FAILURE;
}

/* Every other round goes backwards: nobody always follows a certain other. */
static int run_rounds(const struct plan *plan, const struct bench *bench,
		      struct results *results)
{
	struct progress progress;
	int status = 0;

	progress_init(&progress, announce(plan, bench));
	for (uint32_t n = 0; n < bench->rounds * plan->count && !status; n++) {
		uint32_t round = n / plan->count;
		uint32_t place = n % plan->count;
		uint32_t i = round % 2 ? plan->count - 1 - place : place;
		const struct cell *cell = &plan->cells[i];

		progress_tell(&progress, cell->scenario->name, round,
			      bench->rounds, cell_seconds(cell, bench));
		status = run_cell(cell, bench, &results->rows[i]);
	}
	results->elapsed_s = progress_end(&progress);
	return status;
}

static void print_head(const struct results *results)
{
	const struct machine *machine = &results->machine;

	printf("psring-bench %s, %s, %u CPUs (%s), %u rounds of %.2f s\n",
	       machine->version, machine->kernel, machine->cpus, machine->cpu,
	       results->rounds, results->duration_s);
	if (results->quick)
		printf("Quick: not for comparison.\n");
}

static bool is_shown(const struct options *options,
		     const struct results *results, const char *reader)
{
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *row = &results->rows[i];
		const struct scenario *scenario = scenario_find(row->scenario);

		if (strcmp(row->reader, reader) == 0 && scenario &&
		    is_wanted(options, scenario))
			return true;
	}
	return false;
}

/* Who is who, and what the figures are not. */
static void print_legend(const struct options *options,
			 const struct results *results)
{
	bool markdown = options->markdown;
	const char *lead = markdown ? "- " : "  ";

	printf("\nReaders; each figure is a median [minimum..maximum]:\n%s",
	       markdown ? "\n" : "");
	for (uint32_t i = 0; i < reader_count; i++)
		if (is_shown(options, results, readers[i]->name))
			printf("%s%s: %s\n", lead, readers[i]->name,
			       readers[i]->does);
	printf("%sThe sender has a CPU of its own, all that receives has "
	       "another.\n",
	       lead);
	printf("%sA synthetic sender yields when a receiver is over half "
	       "full, psample never does: limits of loss need scenario "
	       "kernel.\n",
	       lead);
	for (uint32_t i = 0; i < results->skipped_count; i++)
		printf("%snot run: %s: %s\n", lead, results->skipped[i].name,
		       results->skipped[i].reason);
}

static void print_results(const struct options *options,
			  const struct results *results)
{
	print_head(results);
	for (uint32_t i = 0; i < scenario_count; i++)
		if (is_wanted(options, &scenarios[i]))
			table_print(results, scenarios[i].name,
				    options->markdown, stdout);
	print_legend(options, results);
	printf("\n");
	for (uint32_t i = 0; i < scenario_count; i++)
		if (is_wanted(options, &scenarios[i]))
			sentence_print(results, scenarios[i].name,
				       options->markdown ? "- " : "", stdout);
}

static int write_report(const struct options *options,
			const struct results *results)
{
	char cause[TEXT_BYTES] = "";
	int err;

	if (!options->report)
		return 0;
	err = report_write(results, options->report, cause);
	return err ? complain(options->report, cause, err) : 0;
}

static void describe_run(int argc, char **argv, const struct bench *bench,
			 struct results *results)
{
	size_t len = 0;

	surroundings_describe(&results->machine);
	results->quick = bench->quick;
	results->rounds = bench->rounds;
	results->duration_s = bench->duration_s;
	for (int i = 0; i < argc && len < sizeof(results->command); i++)
		len += (size_t)snprintf(
			results->command + len, sizeof(results->command) - len,
			"%s%s", i ? " " : "", i ? argv[i] : "psring-bench");
}

static int measure(struct options *options, struct results *results)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	const char *cause = "";
	bool one_cpu = !choose_cpus(&options->bench);
	int status;
	int err = plan ? testbed_private_network(&cause) : -ENOMEM;

	if (err) {
		free(plan);
		return complain("needs root: a network of its own", cause, err);
	}
	if (one_cpu)
		fprintf(stderr, "psring-bench: one CPU: sender and receiver "
				"measure each other, no result is valid\n");
	pin_receiver(&options->bench);
	status = probe_readers(&options->bench, results);
	if (!status)
		status = make_plan(options, results, plan);
	if (!status && plan->count == 0)
		status = complain("nothing to measure",
				  "no reader fits the scenarios", -EINVAL);
	if (!status) {
		name_rows(plan, results);
		status = run_rounds(plan, &options->bench, results);
		if (one_cpu)
			invalidate_rows(results);
	}
	free(plan);
	return status;
}

/* Before minutes of work: whether its result could be written. */
static int check_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	struct stat status;

	errno = 0;
	if (access(path, W_OK) == 0 && stat(path, &status) == 0 &&
	    !S_ISDIR(status.st_mode))
		return 0;
	if (slash)
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1),
			 path);
	if (errno == ENOENT && access(dir, W_OK | X_OK) == 0)
		return 0;
	return complain(path, "it cannot be written", errno ? -errno : -EISDIR);
}

static int run(struct options *options, int argc, char **argv)
{
	struct results *results = calloc(1, sizeof(*results));
	int status = 0, err = 0;

	if (!results)
		return complain("memory", "for the results", -ENOMEM);
	describe_run(argc, argv, &options->bench, results);
	if (options->json)
		status = check_path(options->json);
	if (!status)
		status = measure(options, results);
	if (!status) {
		/* First: who reads standard output may have gone. */
		if (options->json)
			err = results_write(results, options->json);
		print_results(options, results);
		if (err)
			status = complain(options->json, "writing", err);
		if (write_report(options, results))
			status = EXIT_FAILURE;
	}
	free(results);
	return status;
}

static int read_file(const char *path, struct results **ret_results)
{
	char cause[TEXT_BYTES] = "";

	if (!results_read(path, ret_results, cause))
		return 0;
	fprintf(stderr, "psring-bench: %s: %s\n", path, cause);
	return EXIT_FAILURE;
}

static int show(const struct options *options)
{
	struct results *results = NULL;
	int status = read_file(options->files[0], &results);

	for (uint32_t i = 0; i < options->scenario_count && !status; i++)
		if (!results_have(results, options->scenarios[i]->name)) {
			fprintf(stderr, "psring-bench: %s: has no %s\n",
				options->files[0], options->scenarios[i]->name);
			status = EXIT_FAILURE;
		}
	if (!status) {
		print_results(options, results);
		status = write_report(options, results);
	}
	free(results);
	return status;
}

static int compare(const struct options *options)
{
	struct results *before = NULL, *after = NULL;
	uint32_t regressed = 0;
	int status = read_file(options->files[0], &before);

	if (!status)
		status = read_file(options->files[1], &after);
	if (!status && (before->quick || after->quick)) {
		fprintf(stderr,
			"psring-bench: %s: a quick run, which is not "
			"for comparison\n",
			options->files[before->quick ? 0 : 1]);
		status = EXIT_USAGE;
	}
	if (!status && compare_print(before, after, stdout, &regressed))
		status = complain("comparing", "memory", -ENOMEM);
	free(before);
	free(after);
	return status || !regressed ? status : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = options_parse(argc, argv, &options);

	if (status >= 0)
		return status;
	/* Resident memory shall be the reader's, not what malloc kept. */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	/* Lines come as they are written, into a pipe as well. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	switch (options.action) {
	case OPTIONS_SHOW:
		status = show(&options);
		break;
	case OPTIONS_COMPARE:
		status = compare(&options);
		break;
	default:
		status = run(&options, argc, argv);
	}
	if (fflush(stdout) || ferror(stdout)) {
		perror("psring-bench: standard output");
		status = EXIT_FAILURE;
	}
	return status;
}
