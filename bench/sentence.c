/* SPDX-License-Identifier: MIT */
/*
 * What the results come to. Two readers are compared round by round, because
 * their runs of one round followed each other on the same machine in the same
 * mood; the ratio's interval tells whether there is a difference at all.
 */
#include "sentence.h"

#include <string.h>

/* Where to look, and what to say of two rows there. */
struct comparison {
	const char *scenario;
	enum metric metric;
	struct params where; /* of psring's row: absent matches everything */
	const char *verb;
	const char *object;
};

#define ANY PARAM_ABSENT

/* The order of struct params: rate, size, queues, shard, wait_us, threads. */
static const struct comparison comparisons[] = {
	{ "flood",
	  METRIC_CPU,
	  { ANY, ANY, 1, ANY, ANY, ANY, ANY },
	  "used",
	  "the CPU of" },
	{ "flood",
	  METRIC_RATE,
	  { ANY, ANY, 1, ANY, ANY, ANY, ANY },
	  "delivered",
	  "the rate of" },
	{ "rate",
	  METRIC_CPU,
	  { ANY, ANY, ANY, ANY, ANY, ANY, ANY },
	  "used",
	  "the CPU of" },
	{ "latency",
	  METRIC_LATENCY_P50,
	  { 10000, ANY, ANY, ANY, 0, ANY, ANY },
	  "took",
	  "the median latency of" },
	{ "sizes",
	  METRIC_CPU,
	  { ANY, 1500, ANY, ANY, ANY, ANY, ANY },
	  "used",
	  "the CPU of" },
	{ "max",
	  METRIC_NDR,
	  { ANY, ANY, ANY, ANY, ANY, ANY, ANY },
	  "carried",
	  "the rate of" },
	{ "decode",
	  METRIC_OPERATION,
	  { ANY, ANY, ANY, ANY, ANY, ANY, ANY },
	  "took",
	  "the time of" },
	{ "drain",
	  METRIC_OPERATION,
	  { ANY, ANY, ANY, ANY, ANY, ANY, ANY },
	  "took",
	  "the time of" },
	{ "ring",
	  METRIC_OPERATION,
	  { ANY, ANY, ANY, ANY, ANY, ANY, ANY },
	  "took",
	  "the time of" },
	{ "kernel",
	  METRIC_CPU,
	  { ANY, ANY, 1, ANY, ANY, ANY, ANY },
	  "used",
	  "the CPU of" },
};

static bool matches(const struct params *params, const struct params *where)
{
	for (uint32_t i = 0; i < PARAMS; i++)
		if (param(where, i) != PARAM_ABSENT &&
		    param(where, i) != param(params, i))
			return false;
	return true;
}

/* Alike in all that both have: a baseline has no wait_us. */
static bool alike(const struct params *a, const struct params *b)
{
	for (uint32_t i = 0; i < PARAMS; i++)
		if (param(a, i) != PARAM_ABSENT &&
		    param(b, i) != PARAM_ABSENT && param(a, i) != param(b, i))
			return false;
	return true;
}

/* "0.70 [0.69..0.71] times the CPU of recv", the words but once a sentence. */
static void print_ratio(const struct figures *ratio, const char *words,
			const char *other, FILE *stream)
{
	struct interval interval = figures_interval(ratio);

	fprintf(stream, "%.2f [%.2f..%.2f]%s %s%s", figures_median(ratio),
		interval.low, interval.high, words, other,
		ratio->count < ROUNDS_FOR_INTERVAL || figures_differ(ratio)
			? ""
			: " (below the noise)");
}

/* Whether the two can be compared: valid, measured, and worth comparing. */
static bool makes_sense(const struct comparison *comparison,
			const struct result *subject,
			const struct result *other)
{
	bool same_reader = strcmp(subject->reader, other->reader) == 0;
	bool same_work =
		comparison->metric == METRIC_OPERATION
			? params_equal(&subject->params, &other->params)
			: alike(&subject->params, &other->params);

	return strcmp(other->scenario, comparison->scenario) == 0 &&
	       !same_reader && same_work && !other->invalid[0] &&
	       other->figures[comparison->metric].count > 0;
}

/* One of psring's rows against all that stand before it. */
static void print_sentence(const struct results *results,
			   const struct comparison *comparison, uint32_t index,
			   const char *lead, FILE *stream)
{
	const struct result *subject = &results->rows[index];
	char words[TEXT_BYTES], text[PARAMS_TEXT];
	uint32_t count = 0;

	snprintf(words, sizeof(words), " times %s", comparison->object);
	for (uint32_t i = 0; i < index; i++) {
		const struct result *other = &results->rows[i];
		struct figures ratio;

		if (!makes_sense(comparison, subject, other))
			continue;
		if (count++ == 0)
			fprintf(stream, "%s%s%s%s: %s %s ", lead,
				subject->scenario,
				params_text(&subject->params, text)[0] ? ", "
								       : "",
				text, subject->reader, comparison->verb);
		else
			fputs(", ", stream);
		ratio = figures_ratio(&subject->figures[comparison->metric],
				      &other->figures[comparison->metric]);
		print_ratio(&ratio, count == 1 ? words : " of", other->reader,
			    stream);
	}
	if (count > 0)
		fputc('\n', stream);
}

static void print_comparison(const struct results *results,
			     const struct comparison *comparison,
			     const char *lead, FILE *stream)
{
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *subject = &results->rows[i];

		if (strcmp(subject->scenario, comparison->scenario) == 0 &&
		    !results_is_baseline(subject->reader) &&
		    !subject->invalid[0] &&
		    subject->figures[comparison->metric].count > 0 &&
		    matches(&subject->params, &comparison->where))
			print_sentence(results, comparison, i, lead, stream);
	}
}

/* What more queues cost the sender: against one queue of the same shard. */
static void print_shards(const struct results *results, const char *lead,
			 FILE *stream)
{
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *subject = &results->rows[i];
		struct params one = subject->params;
		struct figures ratio;
		const struct result *other;

		if (strcmp(subject->scenario, "shards") != 0 ||
		    subject->invalid[0] || one.queues == 1 ||
		    !params_shard_name(one.shard))
			continue;
		one.queues = 1;
		other = results_find(results, "shards", subject->reader, &one);
		if (!other)
			continue;
		ratio = figures_ratio(&subject->figures[METRIC_SENDER_CPU],
				      &other->figures[METRIC_SENDER_CPU]);
		if (ratio.count == 0)
			continue;
		fprintf(stream,
			"%sshards: %s with %u queues by %s cost the sender "
			"%.2f [%.2f..%.2f] times the CPU of one\n",
			lead, subject->reader, subject->params.queues,
			params_shard_name(subject->params.shard),
			figures_median(&ratio), figures_min(&ratio),
			figures_max(&ratio));
	}
}

void sentence_print(const struct results *results, const char *scenario,
		    const char *lead, FILE *stream)
{
	const uint32_t count = sizeof(comparisons) / sizeof(comparisons[0]);

	if (strcmp(scenario, "shards") == 0)
		print_shards(results, lead, stream);
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(comparisons[i].scenario, scenario) == 0)
			print_comparison(results, &comparisons[i], lead,
					 stream);
}
