/* SPDX-License-Identifier: MIT */
/*
 * A run into its JSON file, as results.schema.json describes it. A file that is
 * there is replaced by one that is whole, or stays.
 */
#include "plain.h"
#include "results.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL, as from all of these, if there is no memory or a figure is infinite. */
static json_t *text_json(const char *text)
{
	char plain[TEXT_BYTES];

	snprintf(plain, sizeof(plain), "%s", text);
	plain_line(plain);
	return json_string(plain);
}

static json_t *count_json(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* A NULL @value is a failure as well. */
static int put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static json_t *finished(json_t *json, int failed)
{
	if (!failed)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *machine_json(const struct machine *machine)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= put(object, "kernel", text_json(machine->kernel));
	failed |= put(object, "cpu", text_json(machine->cpu));
	failed |= put(object, "cpus", count_json(machine->cpus));
	failed |=
		put(object, "memory_bytes", count_json(machine->memory_bytes));
	failed |= put(object, "date", text_json(machine->date));
	failed |= put(object, "version", text_json(machine->version));
	return finished(object, failed);
}

static json_t *params_json(const struct params *params)
{
	json_t *object = json_object();
	int failed = 0;

	for (uint32_t i = 0; i < PARAMS; i++) {
		uint32_t value = param(params, i);

		if (value != PARAM_ABSENT)
			failed |= put(
				object, param_kinds[i].key,
				i == PARAM_SHARD
					? json_string(params_shard_name(value))
					: count_json(value));
	}
	return finished(object, failed);
}

/* A round without a value is null. */
static json_t *value_json(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *figures_json(const struct figures *figures, bool quick)
{
	json_t *object = json_object();
	json_t *values = json_array();
	struct interval interval;
	int failed = 0;

	failed |= put(object, "median", json_real(figures_median(figures)));
	failed |= put(object, "min", json_real(figures_min(figures)));
	failed |= put(object, "max", json_real(figures_max(figures)));
	if (!quick && figures->count >= ROUNDS_FOR_INTERVAL) {
		interval = figures_interval(figures);
		failed |= put(object, "low", json_real(interval.low));
		failed |= put(object, "high", json_real(interval.high));
	}
	for (uint32_t i = 0; i < figures->count; i++)
		failed |= json_array_append_new(values,
						value_json(figures->values[i]));
	failed |= put(object, "values", values);
	return finished(object, failed);
}

/* Latencies have an object of their own, behind the others. */
static int put_metrics(json_t *object, const struct result *row, bool quick)
{
	json_t *latency = json_object();
	int failed = 0;

	for (size_t i = 0; i < METRICS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];

		if (!row->figures[i].count)
			continue;
		failed |= put(kind->percent ? latency : object,
			      kind->percent ? kind->percent : kind->key,
			      figures_json(&row->figures[i], quick));
	}
	if (json_object_size(latency))
		failed |= json_object_set(
			object, metric_kinds[METRIC_LATENCY_P50].key, latency);
	json_decref(latency);
	return failed;
}

static json_t *row_json(const struct result *row, bool quick)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= put(object, "scenario", text_json(row->scenario));
	failed |= put(object, "reader", text_json(row->reader));
	failed |= put(object, "params", params_json(&row->params));
	failed |= put(object, "rounds", count_json(row->rounds));
	if (row->sent || row->received || row->lost ||
	    row->figures[METRIC_RATE].count) {
		failed |= put(object, "sent", count_json(row->sent));
		failed |= put(object, "received", count_json(row->received));
		failed |= put(object, "lost", count_json(row->lost));
	}
	failed |= put(object, "disturbed", count_json(row->disturbed));
	failed |= put(object, "steal", json_real(row->steal));
	failed |= put(object, "other_load", json_real(row->other_load));
	failed |= put(object, "throttled", count_json(row->throttled));
	failed |= put(object, "unsteady", count_json(row->unsteady));
	failed |= put(object, "unpaced", count_json(row->unpaced));
	failed |= put(object, "valid", json_boolean(!row->invalid[0]));
	if (row->invalid[0])
		failed |= put(object, "reason", text_json(row->invalid));
	failed |= put_metrics(object, row, quick);
	return finished(object, failed);
}

static json_t *rows_json(const struct results *results)
{
	json_t *array = json_array();
	int failed = 0;

	for (uint32_t i = 0; i < results->count; i++)
		failed |= json_array_append_new(
			array, row_json(&results->rows[i], results->quick));
	return finished(array, failed);
}

static json_t *skipped_json(const struct results *results)
{
	json_t *array = json_array();
	int failed = 0;

	for (uint32_t i = 0; i < results->skipped_count; i++) {
		const struct skipped *skipped = &results->skipped[i];
		json_t *object = json_object();

		failed |= put(object, "name", text_json(skipped->name));
		failed |= put(object, "reason", text_json(skipped->reason));
		failed |= json_array_append_new(array, object);
	}
	return finished(array, failed);
}

static json_t *results_json(const struct results *results)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= put(object, "schema", json_integer(RESULTS_SCHEMA));
	failed |= put(object, "machine", machine_json(&results->machine));
	failed |= put(object, "command", text_json(results->command));
	failed |= put(object, "quick", json_boolean(results->quick));
	failed |= put(object, "rounds", count_json(results->rounds));
	failed |= put(object, "duration_s", json_real(results->duration_s));
	failed |= put(object, "elapsed_s", json_real(results->elapsed_s));
	failed |= put(object, "results", rows_json(results));
	failed |= put(object, "skipped", skipped_json(results));
	return finished(object, failed);
}

/* A directory that is there or a link, such as /dev/stdout, is not replaced. */
static bool is_replaceable(const char *path)
{
	struct stat status;

	return lstat(path, &status) ? errno == ENOENT : S_ISREG(status.st_mode);
}

static int write_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
	int error = 0;

	if (!stream) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	if (fputs(text, stream) == EOF || putc('\n', stream) == EOF)
		error = -errno;
	if (fclose(stream) && !error)
		error = -errno;
	return error;
}

static int replace(const char *path, const char *text)
{
	char *temporary;
	int error;

	if (asprintf(&temporary, "%s.%d", path, (int)getpid()) < 0)
		return -ENOMEM;
	error = write_text(temporary, O_EXCL, text);
	if (!error && rename(temporary, path))
		error = -errno;
	if (error && error != -EEXIST)
		unlink(temporary);
	free(temporary);
	return error;
}

int results_write(const struct results *results, const char *path)
{
	json_t *json = results_json(results);
	char *text;
	int error;

	if (!json)
		return -ENOMEM;
	text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	json_decref(json);
	if (!text)
		return -ENOMEM;
	error = is_replaceable(path) ? replace(path, text)
				     : write_text(path, O_TRUNC, text);
	free(text);
	return error;
}
