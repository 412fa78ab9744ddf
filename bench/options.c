/* SPDX-License-Identifier: MIT */
/* The command line: getopt_long, strict numbers, names looked up in tables. */
#include "options.h"

#include "number.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS     1e9
#define DURATION_MIN  0.05
#define DURATION_MAX  3600
#define ROUNDS_WANTED 9
#define ROUNDS_QUICK  3
#define WINDOW_S      0.25
#define WINDOW_QUICK  0.05

enum option_id {
	HELP = 'h',
	QUICK = 256,
	JSON,
	REPORT,
	READERS,
	ROUNDS,
	DURATION,
	MARKDOWN,
	VERSION,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, HELP },
	{ "quick", no_argument, NULL, QUICK },
	{ "json", required_argument, NULL, JSON },
	{ "report", required_argument, NULL, REPORT },
	{ "readers", required_argument, NULL, READERS },
	{ "rounds", required_argument, NULL, ROUNDS },
	{ "duration", required_argument, NULL, DURATION },
	{ "markdown", no_argument, NULL, MARKDOWN },
	{ "version", no_argument, NULL, VERSION },
	{ 0 },
};

static void print_help(void)
{
	printf("Usage: psring-bench [OPTION...] [SCENARIO...]\n"
	       "       psring-bench show FILE [OPTION...] [SCENARIO...]\n"
	       "       psring-bench compare BEFORE AFTER\n"
	       "\n"
	       "Measure what receiving packet samples costs, and who does it "
	       "better.\nNeeds root and two CPUs. Without SCENARIO: all, in "
	       "about 12 minutes.\n"
	       "\n");
	for (uint32_t i = 0; i < scenario_count; i++)
		printf("  %-9s %s\n", scenarios[i].name, scenarios[i].summary);
	printf("\n"
	       "  --quick         all in less than a minute; not for "
	       "comparison\n"
	       "  --readers LIST  only these, with commas between:\n"
	       "                  ");
	for (uint32_t i = 0; i < reader_count; i++)
		printf("%s%s", i ? "," : "", readers[i]->name);
	printf("\n"
	       "  --rounds N      interleaved rounds of all: %d\n"
	       "  --duration S    seconds of one measurement: %.2f\n"
	       "  --json FILE     write every round to FILE\n"
	       "  --report DIR    write a page with pictures to DIR (needs "
	       "gnuplot)\n"
	       "  --markdown      show: tables in Markdown\n"
	       "  --help, --version\n"
	       "\n"
	       "Examples:\n"
	       "  sudo psring-bench --quick\n"
	       "  sudo psring-bench --json b.json --report out flood rate\n"
	       "  psring-bench compare a.json b.json\n",
	       ROUNDS_WANTED, WINDOW_S);
}

static int refuse(const char *what, const char *text, const char *allowed)
{
	fprintf(stderr, "psring-bench: %s %s: %s\n", what, text, allowed);
	return EXIT_USAGE;
}

static int set_rounds(struct bench *bench, const char *text)
{
	uint64_t rounds;

	if (number_parse(text, &rounds) || rounds < 1 || rounds > ROUNDS_MAX)
		return refuse("--rounds", text, "a number from 1 to 51");
	bench->rounds = (uint32_t)rounds;
	return -1;
}

static int set_duration(struct bench *bench, const char *text)
{
	uint64_t ns;

	if (number_parse_seconds(text, &ns) ||
	    (double)ns < DURATION_MIN * SECOND_NS ||
	    (double)ns > DURATION_MAX * SECOND_NS)
		return refuse("--duration", text, "seconds, 0.05 to 3600");
	bench->duration_s = (double)ns / SECOND_NS;
	return -1;
}

static int refuse_reader(const char *name)
{
	fprintf(stderr, "psring-bench: no reader '%s': ", name);
	for (uint32_t i = 0; i < reader_count; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", readers[i]->name);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* In the order of the table, whatever the order of the list. */
static int set_readers(struct bench *bench, char *list)
{
	bool wanted[READERS_MAX] = { false };
	char *name, *rest = NULL;

	for (name = strtok_r(list, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest)) {
		uint32_t i = 0;

		while (i < reader_count && strcmp(readers[i]->name, name) != 0)
			i++;
		if (i == reader_count)
			return refuse_reader(name);
		wanted[i] = true;
	}
	bench->reader_count = 0;
	for (uint32_t i = 0; i < reader_count; i++)
		if (wanted[i])
			bench->readers[bench->reader_count++] = readers[i];
	return bench->reader_count ? -1 : refuse_reader("");
}

static int set_option(struct options *options, int option, char *text)
{
	switch (option) {
	case QUICK:
		options->bench.quick = true;
		return -1;
	case JSON:
		options->json = text;
		return -1;
	case REPORT:
		options->report = text;
		return -1;
	case READERS:
		return set_readers(&options->bench, text);
	case ROUNDS:
		return set_rounds(&options->bench, text);
	case DURATION:
		return set_duration(&options->bench, text);
	case MARKDOWN:
		options->markdown = true;
		return -1;
	case VERSION:
		puts("psring-bench " PSRING_VERSION);
		return EXIT_SUCCESS;
	case HELP:
		print_help();
		return EXIT_SUCCESS;
	default:
		fprintf(stderr, "Try: psring-bench --help\n");
		return EXIT_USAGE;
	}
}

static int add_scenario(struct options *options, const char *name)
{
	const struct scenario *scenario = scenario_find(name);

	for (uint32_t i = 0; i < options->scenario_count; i++)
		if (options->scenarios[i] == scenario && scenario)
			return refuse("scenario", name, "named twice");
	if (scenario) {
		options->scenarios[options->scenario_count++] = scenario;
		return -1;
	}
	fprintf(stderr, "psring-bench: no scenario '%s': ", name);
	for (uint32_t i = 0; i < scenario_count; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", scenarios[i].name);
	fprintf(stderr, "; or show, compare\n");
	return EXIT_USAGE;
}

/* Takes the word that names an action, and its files. */
static int take_action(struct options *options, int *argc, char ***argv)
{
	uint32_t files = 0;

	if (*argc > 0 && strcmp((*argv)[0], "show") == 0) {
		options->action = OPTIONS_SHOW;
		files = 1;
	} else if (*argc > 0 && strcmp((*argv)[0], "compare") == 0) {
		options->action = OPTIONS_COMPARE;
		files = 2;
	} else {
		return -1;
	}
	if (*argc < (int)files + 1 || (files == 2 && *argc > (int)files + 1))
		return refuse("wrong number of files for", (*argv)[0],
			      files == 1 ? "show FILE [SCENARIO...]"
					 : "compare BEFORE AFTER");
	for (uint32_t i = 0; i < files; i++)
		options->files[i] = (*argv)[i + 1];
	*argc -= (int)files + 1;
	*argv += files + 1;
	return -1;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = { 0 };
	int option, status = -1;

	for (uint32_t i = 0; i < reader_count; i++)
		options.bench.readers[i] = readers[i];
	options.bench.reader_count = reader_count;
	while (status < 0 && (option = getopt_long(argc, argv, "h",
						   long_options, NULL)) != -1)
		status = set_option(&options, option, optarg);
	argc -= optind;
	argv += optind;
	if (status < 0)
		status = take_action(&options, &argc, &argv);
	for (int i = 0; status < 0 && i < argc; i++)
		status = add_scenario(&options, argv[i]);
	if (!options.bench.rounds)
		options.bench.rounds =
			options.bench.quick ? ROUNDS_QUICK : ROUNDS_WANTED;
	if (options.bench.duration_s <= 0)
		options.bench.duration_s =
			options.bench.quick ? WINDOW_QUICK : WINDOW_S;
	*ret_options = options;
	return status;
}
