/* SPDX-License-Identifier: MIT */
/* What psring stress tells at its end: for people, or one JSON object. */
#include "stress_report.h"

#include "human.h"
#include "json.h"
#include "output.h"
#include "subcommands.h"

#include <sys/utsname.h>
#include <unistd.h>

static void write_limit(const struct stress_report *report)
{
	const struct limit *limit = &report->limit;

	if (!limit->found)
		return;
	printf("highest rate without loss%s\n",
	       limit->cause == LIMIT_SENDER ? ", or more" : "");
	human_row(stdout, "packets_per_s",
		  (uint64_t)balance_packets_per_s(&limit->balance), "");
	human_row(stdout, "samples_per_s",
		  (uint64_t)balance_samples_per_s(&limit->balance), "");
	printf("  above it        %s\n", limit_cause_text(limit->cause));
}

static void write_chaos(const struct stress_report *report)
{
	const struct chaos *chaos = &report->chaos;

	puts("chaos");
	printf("  %-16s%14llu\n", "seed", (unsigned long long)report->seed);
	human_row(stdout, "rounds", chaos->rounds, "");
	human_row(stdout, "resident_first", chaos->resident_first_bytes >> 10,
		  "KiB after the first round");
	human_row(stdout, "resident_last", chaos->resident_last_bytes >> 10,
		  "KiB after the last");
}

static void write_cost_row(const char *key, double cost_ns)
{
	if (cost_ns >= 0)
		human_row(stdout, key, (uint64_t)cost_ns, "");
}

static void write_text(const struct stress_report *report)
{
	balance_write_text(&report->balance, stdout);
	puts("cost: ns of the sender's CPU for a packet, flat out");
	write_cost_row("unsampled", report->cost.unsampled);
	write_cost_row("unheard", report->cost.unheard);
	write_cost_row("heard", report->cost.heard);
	if (report->options->max)
		write_limit(report);
	if (report->options->chaos)
		write_chaos(report);
}

static json_t *cost_json(double cost_ns)
{
	return cost_ns < 0 ? json_null() : json_real(cost_ns);
}

static int put_cost(json_t *object, const struct cost *cost)
{
	json_t *costs = json_object();
	int failed = json_put(costs, "unsampled", cost_json(cost->unsampled));

	failed |= json_put(costs, "unheard", cost_json(cost->unheard));
	failed |= json_put(costs, "heard", cost_json(cost->heard));
	return failed | json_put(object, "cost_ns", costs);
}

static int put_limit(json_t *object, const struct limit *limit)
{
	if (!limit->found)
		return json_put(object, "max", json_null());
	return json_put(object, "max",
			json_pack("{s:f,s:f,s:s}", "packets_per_s",
				  balance_packets_per_s(&limit->balance),
				  "samples_per_s",
				  balance_samples_per_s(&limit->balance),
				  "above", limit_cause_text(limit->cause)));
}

static int put_chaos(json_t *object, const struct stress_report *report)
{
	const struct chaos *chaos = &report->chaos;
	int failed = json_put(object, "seed", json_count(report->seed));

	failed |= json_put(object, "rounds", json_integer(chaos->rounds));
	failed |= json_put(object, "resident_first_bytes",
			   json_count(chaos->resident_first_bytes));
	failed |= json_put(object, "resident_last_bytes",
			   json_count(chaos->resident_last_bytes));
	return failed;
}

/* What repeats the run: the command line as it was given. */
static int put_options(json_t *object, const struct stress_report *report)
{
	json_t *options = json_array();
	int failed = 0;

	for (int i = 1; i < report->argc; i++)
		failed |= json_array_append_new(options,
						json_string(report->argv[i]));
	return failed | json_put(object, "options", options);
}

static int put_machine(json_t *object)
{
	struct utsname name;

	uname(&name);
	return json_put(object, "machine",
			json_pack("{s:s,s:s,s:I}", "release", name.release,
				  "architecture", name.machine, "cpus",
				  (json_int_t)sysconf(_SC_NPROCESSORS_ONLN)));
}

static int write_json(const struct stress_report *report)
{
	json_t *object = json_object();
	int failed = balance_put_json(&report->balance, object);

	failed |= put_cost(object, &report->cost);
	if (report->options->max)
		failed |= put_limit(object, &report->limit);
	if (report->options->chaos)
		failed |= put_chaos(object, report);
	failed |= put_options(object, report);
	failed |= put_machine(object);
	if (failed)
		fputs("psring stress: no memory for the balance\n", stderr);
	else if (!json_dumpf(object, stdout,
			     JSON_COMPACT | JSON_REAL_PRECISION(12)))
		putchar('\n');
	json_decref(object);
	return failed;
}

int stress_report_write(const struct stress_report *report)
{
	int failed = 0;

	if (report->options->format == OPTIONS_JSON)
		failed = write_json(report);
	else
		write_text(report);
	return output_end() != EXIT_DONE || failed ? EXIT_FAILED : EXIT_DONE;
}
