/* SPDX-License-Identifier: MIT */
/*
 * psring-bench: what receiving samples costs, and who does it better. Figures
 * are medians of interleaved rounds on this machine; the comparisons under a
 * table are what carries over to another.
 */
#include "bench.h"
#include "figures.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct scenario {
	const char *name;
	int (*run)(const struct bench *bench);
	const char *summary;
};

static const struct scenario scenarios[] = {
	{ "flood", bench_flood, "flat-out sender: rate, loss, CPU per sample" },
	{ "rate", bench_rate, "paced sender: CPU and wake-ups per sample" },
	{ "decode", bench_decode, "decoder against libmnl's" },
	{ "ring", bench_ring, "hand-over of views between two threads" },
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

enum option_id {
	HELP = 'h',
	ROUNDS = 256,
	DURATION,
	RATE,
	QUEUES
};

static const struct option options[] = {
	{ "help", no_argument, NULL, HELP },
	{ "rounds", required_argument, NULL, ROUNDS },
	{ "duration", required_argument, NULL, DURATION },
	{ "rate", required_argument, NULL, RATE },
	{ "queues", required_argument, NULL, QUEUES },
	{ 0 },
};

static void print_help(void)
{
	printf("Usage: psring-bench [OPTION...] [SCENARIO...]\n"
	       "Measure what receiving packet samples costs. Needs root (to "
	       "join a netlink group)\nand two CPUs. Without SCENARIO: all.\n"
	       "\n");
	for (uint32_t i = 0; i < SCENARIOS; i++)
		printf("  %-10s %s\n", scenarios[i].name, scenarios[i].summary);
	printf("\n"
	       "  --rounds N       rounds of each reader, interleaved: 5\n"
	       "  --duration S     seconds of sending in one round: 2\n"
	       "  --rate N         samples per second in scenario rate: 10000\n"
	       "  --queues N       queues of psring: 1\n"
	       "\n"
	       "Example: sudo psring-bench --rounds 9 flood rate\n");
}

/* A whole decimal number from @min to @max, or exit status 2. */
static double number(const char *option, const char *text, double min,
		     double max)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end == '\0' && value >= min && value <= max)
		return value;
	fprintf(stderr, "psring-bench: --%s %s: a number from %.12g to %.12g\n",
		option, text, min, max);
	exit(2);
}

static void set_option(struct bench *bench, int option, const char *text)
{
	switch (option) {
	case ROUNDS:
		bench->rounds = (uint32_t)number("rounds", text, 1, ROUNDS_MAX);
		break;
	case DURATION:
		bench->duration_s = number("duration", text, 0.01, 3600);
		break;
	case RATE:
		bench->rate = (uint64_t)number("rate", text, 1, 1e9);
		break;
	case QUEUES:
		bench->queue_count = (uint32_t)number("queues", text, 1, 64);
		break;
	case HELP:
		print_help();
		exit(0);
	default:
		fprintf(stderr, "Try: psring-bench --help\n");
		exit(2);
	}
}

static const struct scenario *find_scenario(const char *name)
{
	for (uint32_t i = 0; i < SCENARIOS; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	fprintf(stderr,
		"psring-bench: unknown scenario %s: flood, rate, decode or "
		"ring\n",
		name);
	exit(2);
}

static void check_machine(void)
{
	struct utsname machine;
	cpu_set_t cpus;

	if (uname(&machine) == 0)
		printf("psring-bench on Linux %s, %ld CPUs\n", machine.release,
		       sysconf(_SC_NPROCESSORS_ONLN));
	CPU_ZERO(&cpus);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
	    CPU_ISSET(SENDER_CPU, &cpus) && CPU_ISSET(RECEIVER_CPU, &cpus))
		return;
	fprintf(stderr,
		"psring-bench: needs CPU %d and CPU %d: on one CPU "
		"sender and receiver would measure each other\n",
		SENDER_CPU, RECEIVER_CPU);
	exit(1);
}

/* This thread receives; the sender pins its own. */
static void pin_receiver(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)RECEIVER_CPU, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(int argc, char **argv)
{
	struct bench bench = {
		.rounds = 5,
		.duration_s = 2,
		.rate = 10000,
		.queue_count = 1,
	};
	int failed = 0;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		set_option(&bench, option, optarg);
	for (int i = optind; i < argc; i++)
		(void)find_scenario(argv[i]);

	/* Lines come as they are written, into a pipe as well. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	check_machine();
	pin_receiver();
	for (uint32_t i = 0; i < SCENARIOS && optind == argc && !failed; i++)
		failed = scenarios[i].run(&bench);
	for (int i = optind; i < argc && !failed; i++)
		failed = find_scenario(argv[i])->run(&bench);
	return failed;
}
