/* SPDX-License-Identifier: MIT */
/*
 * The results as tables. In some the columns are metrics, in others one metric
 * is laid out over the values of a parameter.
 */
#include "table.h"

#include "grid.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BY_METRIC PARAMS /* in place of a parameter */

#define METRICS_MAX 6

struct table {
	const char *scenario;
	const char *title;
	uint32_t by; /* the parameter that makes the columns, or BY_METRIC */
	uint32_t metric_count;
	enum metric metrics[METRICS_MAX]; /* the only one, unless BY_METRIC */
	bool losses;			  /* columns sent and lost */
};

static const struct table tables[] = {
	{ "flood",
	  "flat out",
	  BY_METRIC,
	  5,
	  { METRIC_RATE, METRIC_CPU, METRIC_SENDER_CPU, METRIC_WAKEUPS,
	    METRIC_MEMORY },
	  true },
	{ "rate",
	  "receiver's CPU ns per sample, against samples per second",
	  PARAM_RATE,
	  1,
	  { METRIC_CPU },
	  false },
	{ "rate",
	  "wake-ups per sample, against samples per second",
	  PARAM_RATE,
	  1,
	  { METRIC_WAKEUPS },
	  false },
	{ "latency",
	  "p50 in us, against samples per second",
	  PARAM_RATE,
	  1,
	  { METRIC_LATENCY_P50 },
	  false },
	{ "latency",
	  "p99 in us, against samples per second",
	  PARAM_RATE,
	  1,
	  { METRIC_LATENCY_P99 },
	  false },
	{ "shards",
	  "sender's CPU ns per sample, against queues",
	  PARAM_QUEUES,
	  1,
	  { METRIC_SENDER_CPU },
	  false },
	{ "shards",
	  "receiver's CPU ns per sample, against queues",
	  PARAM_QUEUES,
	  1,
	  { METRIC_CPU },
	  false },
	{ "shards",
	  "1000 samples per second, against queues",
	  PARAM_QUEUES,
	  1,
	  { METRIC_RATE },
	  false },
	{ "sizes",
	  "receiver's CPU ns per sample, against bytes of packet",
	  PARAM_SIZE,
	  1,
	  { METRIC_CPU },
	  false },
	{ "sizes",
	  "1000 samples per second, against bytes of packet",
	  PARAM_SIZE,
	  1,
	  { METRIC_RATE },
	  false },
	{ "max",
	  "highest rate that the reader keeps up with",
	  BY_METRIC,
	  2,
	  { METRIC_NDR, METRIC_PDR },
	  false },
	{ "decode",
	  "ns per sample",
	  BY_METRIC,
	  1,
	  { METRIC_OPERATION },
	  false },
	{ "drain",
	  "ns per sample of a full queue",
	  BY_METRIC,
	  1,
	  { METRIC_OPERATION },
	  false },
	{ "ring",
	  "ns per view, against views handed over at once",
	  PARAM_BATCH,
	  1,
	  { METRIC_OPERATION },
	  false },
	{ "kernel",
	  "real psample, flat out",
	  BY_METRIC,
	  5,
	  { METRIC_RATE, METRIC_CPU, METRIC_SENDER_CPU, METRIC_WAKEUPS,
	    METRIC_MEMORY },
	  true },
};

static_assert(GRID_ROWS > RESULTS_MAX, "a row for each result");

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* "median [min..max]", with a star where a remark belongs to it. */
static void write_value(const struct result *result, enum metric metric,
			char cell[GRID_BYTES])
{
	const struct metric_kind *kind = &metric_kinds[metric];
	const struct figures *figures = &result->figures[metric];
	int decimals = kind->decimals;

	if (figures->count == 0) {
		snprintf(cell, GRID_BYTES, "-");
		return;
	}
	snprintf(cell, GRID_BYTES, "%.*f [%.*f..%.*f]%s", decimals,
		 figures_median(figures) * kind->scale, decimals,
		 figures_min(figures) * kind->scale, decimals,
		 figures_max(figures) * kind->scale,
		 result->invalid[0] ? "*" : "");
}

/* "uring, queues 2" */
static const char *write_name(const struct result *result,
			      const struct params *params,
			      char name[GRID_BYTES])
{
	char text[PARAMS_TEXT];

	params_text(params, text);
	snprintf(name, GRID_BYTES, "%s%s%s", result->reader,
		 text[0] ? ", " : "", text);
	return name;
}

/* The reader, and the parameters that make no column. */
static void write_label(const struct table *table, const struct result *result,
			char cell[GRID_BYTES])
{
	struct params params = result->params;

	if (table->by != BY_METRIC)
		*param_at(&params, table->by) = PARAM_ABSENT;
	write_name(result, &params, cell);
}

static uint32_t row_of(struct grid *grid, const char *label)
{
	for (uint32_t row = 1; row < grid->rows; row++)
		if (strcmp(grid->cells[row][0], label) == 0)
			return row;
	assert(grid->rows < GRID_ROWS);
	snprintf(grid->cells[grid->rows][0], GRID_BYTES, "%s", label);
	return grid->rows++;
}

static uint32_t column_of(struct grid *grid, const char *heading)
{
	for (uint32_t column = 1; column < grid->columns; column++)
		if (strcmp(grid->cells[0][column], heading) == 0)
			return column;
	if (grid->columns == GRID_COLUMNS)
		return 0; /* a file with more values than there are here */
	snprintf(grid->cells[0][grid->columns], GRID_BYTES, "%s", heading);
	return grid->columns++;
}

static void add_by_param(const struct table *table, const struct result *result,
			 uint32_t row, struct grid *grid)
{
	uint32_t value = param(&result->params, table->by);
	char heading[GRID_BYTES] = "any";
	uint32_t column;

	if (value != PARAM_ABSENT)
		snprintf(heading, sizeof(heading), "%" PRIu32, value);
	column = column_of(grid, heading);
	if (column > 0)
		write_value(result, table->metrics[0],
			    grid->cells[row][column]);
}

static void add_by_metric(const struct table *table,
			  const struct result *result, uint32_t row,
			  struct grid *grid)
{
	for (uint32_t i = 0; i < table->metric_count; i++) {
		enum metric metric = table->metrics[i];
		uint32_t column = column_of(grid, metric_kinds[metric].heading);

		write_value(result, metric, grid->cells[row][column]);
	}
	if (!table->losses)
		return;
	snprintf(grid->cells[row][column_of(grid, "sent")], GRID_BYTES,
		 "%" PRIu64, result->sent);
	snprintf(grid->cells[row][column_of(grid, "lost")], GRID_BYTES,
		 "%" PRIu64, result->lost);
}

static void print_table(const struct results *results,
			const struct table *table, bool markdown, FILE *stream)
{
	struct grid *grid = calloc(1, sizeof(*grid));
	char label[GRID_BYTES];

	if (!grid)
		return;
	grid->rows = 1;
	grid->columns = 1;
	snprintf(grid->cells[0][0], GRID_BYTES, "reader");
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *result = &results->rows[i];

		if (strcmp(result->scenario, table->scenario) != 0)
			continue;
		write_label(table, result, label);
		if (table->by == BY_METRIC)
			add_by_metric(table, result, row_of(grid, label), grid);
		else
			add_by_param(table, result, row_of(grid, label), grid);
	}
	fprintf(stream, markdown ? "\n**%s**: %s\n\n" : "\n%s: %s\n",
		table->scenario, table->title);
	grid_print(grid, markdown, stream);
	free(grid);
}

/* What makes a figure less than it looks. */
static void print_remarks(const struct results *results, const char *scenario,
			  bool markdown, FILE *stream)
{
	uint32_t rounds = 0, disturbed = 0, throttled = 0, unsteady = 0;
	const char *lead = markdown ? "\n" : "  ";
	char name[GRID_BYTES];

	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *result = &results->rows[i];

		if (strcmp(result->scenario, scenario) != 0)
			continue;
		rounds += result->rounds;
		disturbed += result->disturbed;
		throttled += result->throttled;
		unsteady += result->unsteady;
		if (result->lost)
			fprintf(stream,
				"%slost: %s: %" PRIu64 " of %" PRIu64 "\n",
				lead, write_name(result, &result->params, name),
				result->lost, result->sent);
		if (result->invalid[0])
			fprintf(stream, "%s* not valid: %s: %s\n", lead,
				write_name(result, &result->params, name),
				result->invalid);
	}
	if (disturbed)
		fprintf(stream,
			"%s%" PRIu32 " of %" PRIu32
			" measurements were disturbed "
			"by the hypervisor or by other programs\n",
			lead, disturbed, rounds);
	if (throttled)
		fprintf(stream,
			"%sin %" PRIu32 " of %" PRIu32
			" measurements the sender had "
			"to yield to a receiver that was half full\n",
			lead, throttled, rounds);
	if (unsteady)
		fprintf(stream,
			"%s%" PRIu32 " of %" PRIu32
			" measurements were unsteady: "
			"their halves differ by more than 15 %%\n",
			lead, unsteady, rounds);
}

void table_print(const struct results *results, const char *scenario,
		 bool markdown, FILE *stream)
{
	if (!results_have(results, scenario))
		return;
	for (uint32_t i = 0; i < TABLES; i++)
		if (strcmp(tables[i].scenario, scenario) == 0)
			print_table(results, &tables[i], markdown, stream);
	print_remarks(results, scenario, markdown, stream);
}
