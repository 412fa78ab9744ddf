/* SPDX-License-Identifier: MIT */
/*
 * Two runs compared, so that what is named is psring's doing.
 *
 * The machine may be a fifth slower than an hour ago, or in one round. That
 * meets the baselines as well, whose code is not psring's, so a row is taken
 * relative to them, round by round: to the median, over the baselines, of each
 * one's logarithm less its usual one. A median, because a baseline may have an
 * outlier too. A latency is mostly wait_us, which no machine makes longer, so
 * it has to differ both as it is and relative to the baselines.
 *
 * A row is named if chance is no explanation: two runs of the same program
 * shall name a row, out of all, in less than one pair of 20. LEVEL is below
 * 0.05 for what dropping outliers adds when there are few rounds (noise.c).
 * Beyond that it must change by more than 8 %, because a process can be lucky
 * in all of its rounds, and a step of the latencies' histogram is 3 %; by more
 * than any of the baselines, which should not have changed at all; and by more
 * than half of what the machine did, which is never quite alike for everything.
 */
#include "compare.h"

#include "noise.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL	       0.03
#define REFERENCES_MAX 16 /* baselines of one row */
#define SIZE_LEAST     log(1.08)

static const enum metric judged[] = {
	METRIC_CPU, METRIC_RATE,      METRIC_LATENCY_P50, METRIC_LATENCY_P99,
	METRIC_NDR, METRIC_OPERATION, METRIC_MEMORY,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Logarithms of one metric of one row in both files. */
struct pair {
	struct figures before;
	struct figures after;
};

struct shift {
	double size; /* logarithm of after / before */
	double probability;
	double size_least;
};

/* One metric of one of psring's rows. */
struct change {
	const struct result *before;
	const struct result *after;
	enum metric metric;
	bool referred; /* to baselines */
	struct shift shift;
};

struct comparison {
	const struct results *before;
	const struct results *after;
	struct change *changes;
	uint32_t count;
	uint32_t unjudged;
	double cutoff; /* of the probabilities */
	uint32_t improved;
	uint32_t regressed;
};

static const struct result *find(const struct results *results,
				 const struct result *row)
{
	return results_find(results, row->scenario, row->reader, &row->params);
}

/* Whether both files have enough of it, untainted. */
static bool pair_take(const struct result *before, const struct result *after,
		      enum metric metric, struct pair *ret_pair)
{
	if (!after || before->invalid[0] || after->invalid[0])
		return false;
	ret_pair->before = noise_logs(&before->figures[metric]);
	ret_pair->after = noise_logs(&after->figures[metric]);
	return ret_pair->before.count >= ROUNDS_FOR_INTERVAL &&
	       ret_pair->after.count >= ROUNDS_FOR_INTERVAL;
}

static double pair_size(const struct pair *pair)
{
	return figures_median(&pair->after) - figures_median(&pair->before);
}

static struct shift pair_shift(const struct pair *pair)
{
	return (struct shift){
		.size = pair_size(pair),
		.probability = noise_probability(&pair->before, &pair->after),
		.size_least = SIZE_LEAST,
	};
}

static struct pair pair_relative(const struct pair *pair,
				 const struct pair *reference)
{
	return (struct pair){
		noise_difference(&pair->before, &reference->before),
		noise_difference(&pair->after, &reference->after),
	};
}

/* In what a baseline has no say, such as queues, it has no parameter. */
static bool is_reference(const struct result *baseline,
			 const struct result *row)
{
	if (!results_is_baseline(baseline->reader) ||
	    strcmp(baseline->scenario, row->scenario) != 0)
		return false;
	for (uint32_t i = 0; i < PARAMS; i++)
		if (param(&baseline->params, i) != PARAM_ABSENT &&
		    param(&baseline->params, i) != param(&row->params, i))
			return false;
	return true;
}

/* Take off what the baseline usually has, and leave what the machine did. */
static void level(struct pair *pair)
{
	double usual = figures_median(&pair->before);

	for (uint32_t i = 0; i < pair->before.count; i++)
		pair->before.values[i] -= usual;
	for (uint32_t i = 0; i < pair->after.count; i++)
		pair->after.values[i] -= usual;
}

static uint32_t take_references(const struct comparison *comparison,
				const struct change *change,
				struct pair pairs[REFERENCES_MAX])
{
	const struct results *before = comparison->before;
	uint32_t count = 0;

	for (uint32_t i = 0; i < before->count && count < REFERENCES_MAX; i++) {
		const struct result *row = &before->rows[i];

		if (!is_reference(row, change->before) ||
		    !pair_take(row, find(comparison->after, row),
			       change->metric, &pairs[count]))
			continue;
		level(&pairs[count++]);
	}
	return count;
}

static struct pair middle(const struct pair *pairs, uint32_t count)
{
	struct figures before[REFERENCES_MAX];
	struct figures after[REFERENCES_MAX];

	for (uint32_t i = 0; i < count; i++) {
		before[i] = pairs[i].before;
		after[i] = pairs[i].after;
	}
	return (struct pair){ noise_middle(before, count),
			      noise_middle(after, count) };
}

/* What both agree on. */
static struct shift weaker(struct shift a, struct shift b)
{
	if (a.size * b.size <= 0)
		return (struct shift){ .probability = 1 };
	if (fabs(b.size) < fabs(a.size))
		a.size = b.size;
	a.probability = fmax(a.probability, b.probability);
	a.size_least = fmax(a.size_least, b.size_least);
	return a;
}

static void refer(const struct comparison *comparison, struct change *change,
		  const struct pair *pair)
{
	struct pair pairs[REFERENCES_MAX];
	struct pair reference, relative;
	struct shift alone = change->shift;
	uint32_t count = take_references(comparison, change, pairs);

	if (count == 0)
		return;
	change->referred = true;
	reference = middle(pairs, count);
	relative = pair_relative(pair, &reference);
	change->shift = pair_shift(&relative);
	change->shift.size_least =
		fmax(change->shift.size_least, fabs(pair_size(&reference)) / 2);
	for (uint32_t i = 0; i < count; i++) {
		relative = pair_relative(&pairs[i], &reference);
		change->shift.size_least = fmax(change->shift.size_least,
						fabs(pair_size(&relative)));
	}
	if (metric_kinds[change->metric].percent)
		change->shift = weaker(change->shift, alone);
}

static void add_change(struct comparison *comparison,
		       const struct result *before, const struct result *after,
		       enum metric metric)
{
	struct change *change = &comparison->changes[comparison->count];
	struct pair pair;

	if (!before->figures[metric].count || !after->figures[metric].count)
		return;
	if (!pair_take(before, after, metric, &pair)) {
		comparison->unjudged++;
		return;
	}
	*change = (struct change){
		.before = before,
		.after = after,
		.metric = metric,
		.shift = pair_shift(&pair),
	};
	/* A machine that is slower has no more memory. */
	if (metric != METRIC_MEMORY)
		refer(comparison, change, &pair);
	comparison->count++;
}

static int add_changes(struct comparison *comparison)
{
	const struct results *before = comparison->before;
	double *probabilities;

	comparison->changes = calloc(before->count * COUNT(judged) + 1,
				     sizeof(comparison->changes[0]));
	if (!comparison->changes)
		return -ENOMEM;
	for (uint32_t i = 0; i < before->count; i++) {
		const struct result *row = &before->rows[i];
		const struct result *other = find(comparison->after, row);

		if (!other || results_is_baseline(row->reader))
			continue;
		for (size_t j = 0; j < COUNT(judged); j++)
			add_change(comparison, row, other, judged[j]);
	}
	probabilities = calloc(comparison->count + 1, sizeof(double));
	if (!probabilities)
		return -ENOMEM;
	for (uint32_t i = 0; i < comparison->count; i++)
		probabilities[i] = comparison->changes[i].shift.probability;
	comparison->cutoff =
		noise_cutoff(probabilities, comparison->count, LEVEL);
	free(probabilities);
	return 0;
}

static const char *verdict(struct comparison *comparison,
			   const struct change *change)
{
	const struct shift *shift = &change->shift;

	if (shift->probability > comparison->cutoff ||
	    fabs(shift->size) <= shift->size_least)
		return "no change beyond noise";
	if ((shift->size > 0) == metric_kinds[change->metric].more_is_better) {
		comparison->improved++;
		return "improved";
	}
	comparison->regressed++;
	return "regressed";
}

static void print_change(struct comparison *comparison,
			 const struct change *change, FILE *stream)
{
	const struct metric_kind *kind = &metric_kinds[change->metric];
	double before =
		figures_median(&change->before->figures[change->metric]);
	double after = figures_median(&change->after->figures[change->metric]);
	char params[PARAMS_TEXT];

	fprintf(stream, "%-8s %-14s %-36s %-10s %9.*f -> %9.*f %6.2f  %s%s\n",
		change->before->scenario, change->before->reader,
		params_text(&change->before->params, params), kind->heading,
		kind->decimals, before * kind->scale, kind->decimals,
		after * kind->scale, exp(change->shift.size),
		verdict(comparison, change),
		change->referred || change->metric == METRIC_MEMORY
			? ""
			: " (no baseline)");
}

/* Of the first metric that the baselines of the scenario have in common. */
static void print_drift(const struct comparison *comparison,
			const char *scenario, FILE *stream)
{
	const struct results *before = comparison->before;
	struct figures sizes = { 0 };
	struct pair pair;
	size_t j = 0;

	for (; j < COUNT(judged) && sizes.count == 0; j++)
		for (uint32_t i = 0; i < before->count; i++) {
			const struct result *row = &before->rows[i];

			if (results_is_baseline(row->reader) &&
			    strcmp(row->scenario, scenario) == 0 &&
			    pair_take(row, find(comparison->after, row),
				      judged[j], &pair))
				figures_add(&sizes, pair_size(&pair));
		}
	if (sizes.count)
		fprintf(stream,
			"machine: %s: %s of the baselines %.2f times that of "
			"before\n",
			scenario, metric_kinds[judged[j - 1]].heading,
			exp(figures_median(&sizes)));
}

static void print_drifts(const struct comparison *comparison, FILE *stream)
{
	const struct results *before = comparison->before;

	for (uint32_t i = 0; i < before->count; i++) {
		const char *scenario = before->rows[i].scenario;
		uint32_t first = 0;

		while (strcmp(before->rows[first].scenario, scenario) != 0)
			first++;
		if (first == i)
			print_drift(comparison, scenario, stream);
	}
}

static void print_heading(FILE *stream)
{
	fprintf(stream,
		"Ratios are relative to the baselines of the same file.\n"
		"%-8s %-14s %-36s %-10s %9s -> %9s %6s  %s\n",
		"scenario", "reader", "parameters", "figure", "before", "after",
		"ratio", "verdict");
}

static void print_machines(const struct machine *before,
			   const struct machine *after, FILE *stream)
{
	if (strcmp(before->kernel, after->kernel) != 0)
		fprintf(stream, "different kernels: %s, then %s\n",
			before->kernel, after->kernel);
	if (strcmp(before->cpu, after->cpu) != 0)
		fprintf(stream, "different CPUs: %s, then %s\n", before->cpu,
			after->cpu);
	if (before->cpus != after->cpus)
		fprintf(stream,
			"different numbers of CPUs: %" PRIu32 ", then %" PRIu32
			"\n",
			before->cpus, after->cpus);
}

static uint32_t count_lacking(const struct results *a, const struct results *b)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < a->count; i++)
		count += !find(b, &a->rows[i]);
	return count;
}

static void print_summary(const struct comparison *comparison, FILE *stream)
{
	uint32_t named = comparison->improved + comparison->regressed;

	fprintf(stream,
		"%" PRIu32 " judged: %" PRIu32 " regressed, %" PRIu32
		" improved, %" PRIu32 " no change beyond noise; %" PRIu32
		" not judged (not valid, a 0, or fewer than %d rounds); rows "
		"only before: %" PRIu32 ", only after: %" PRIu32 "\n",
		comparison->count, comparison->regressed, comparison->improved,
		comparison->count - named, comparison->unjudged,
		ROUNDS_FOR_INTERVAL,
		count_lacking(comparison->before, comparison->after),
		count_lacking(comparison->after, comparison->before));
}

int compare_print(const struct results *before, const struct results *after,
		  FILE *stream, uint32_t *ret_regressed)
{
	struct comparison comparison = { .before = before, .after = after };
	int error;

	print_machines(&before->machine, &after->machine, stream);
	if (before->quick || after->quick) {
		fprintf(stream, "%s a quick run, which is not for comparison\n",
			before->quick ? "the first is" : "the second is");
		return -EINVAL;
	}
	error = add_changes(&comparison);
	if (!error) {
		print_drifts(&comparison, stream);
		print_heading(stream);
		for (uint32_t i = 0; i < comparison.count; i++)
			print_change(&comparison, &comparison.changes[i],
				     stream);
		print_summary(&comparison, stream);
		*ret_regressed = comparison.regressed;
	}
	free(comparison.changes);
	return error;
}
