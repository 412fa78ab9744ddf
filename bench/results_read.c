/* SPDX-License-Identifier: MIT */
/*
 * A run out of its JSON file. Whatever the file says is checked where it is
 * taken, by place.h; its first cause is looked at once, at the end.
 */
#include "place.h"
#include "plain.h"
#include "results.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A run that fills all of struct results takes less. */
#define FILE_BYTES_MAX (64U << 20)

struct source {
	int fd;
	int error;
	size_t left; /* bytes that are still allowed */
};

/* Of a scenario without samples, it is absent. */
static uint64_t take_samples(const struct place *place, const char *key)
{
	return place_has(place, key) ? place_whole(place, key, 0, INT64_MAX)
				     : 0;
}

static void read_machine(const struct place *place, struct machine *machine)
{
	place_text(place, "kernel", machine->kernel, TEXT_BYTES);
	place_text(place, "cpu", machine->cpu, TEXT_BYTES);
	machine->cpus = place_u32(place, "cpus", 1, UINT32_MAX);
	machine->memory_bytes =
		place_whole(place, "memory_bytes", 0, INT64_MAX);
	place_text(place, "date", machine->date, NAME_BYTES);
	place_text(place, "version", machine->version, NAME_BYTES);
}

static uint32_t read_shard(const struct place *place, const char *key)
{
	char name[NAME_BYTES] = "";
	uint32_t shard;

	place_name(place, key, name);
	shard = params_shard(name);
	if (shard == PARAM_ABSENT)
		place_refuse(place, key, "unknown");
	return shard;
}

static void read_params(const struct place *place, struct params *params)
{
	*params = params_none;
	for (uint32_t i = 0; i < PARAMS; i++) {
		const char *key = param_kinds[i].key;

		if (!place_has(place, key))
			continue;
		*param_at(params, i) =
			i == PARAM_SHARD
				? read_shard(place, key)
				: place_u32(place, key, 0, PARAM_ABSENT - 1);
	}
}

/* All else in the object follows from the values. */
static void read_figures(const struct place *place, struct figures *figures)
{
	uint32_t count = place_array(place, "values", 1, ROUNDS_MAX);
	const json_t *values = json_object_get(place->object, "values");

	for (uint32_t i = 0; i < count; i++) {
		const json_t *json = json_array_get(values, i);
		char name[32];

		snprintf(name, sizeof(name), "values[%u]", i);
		figures_add(figures,
			    json_is_null(json)
				    ? NAN
				    : place_check_real(place, name, json));
	}
}

static void read_metrics(const struct place *place, struct result *row)
{
	const char *latency_key = metric_kinds[METRIC_LATENCY_P50].key;
	struct place latency = { 0 };

	if (place_has(place, latency_key))
		latency = place_member(place, latency_key);
	for (size_t i = 0; i < METRICS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];
		const struct place *outer = kind->percent ? &latency : place;
		const char *key = kind->percent ? kind->percent : kind->key;
		struct place figures;

		if (!place_has(outer, key))
			continue;
		figures = place_member(outer, key);
		read_figures(&figures, &row->figures[i]);
	}
}

static void read_row(const struct place *place, struct result *row)
{
	struct place params = place_member(place, "params");

	place_name(place, "scenario", row->scenario);
	place_name(place, "reader", row->reader);
	read_params(&params, &row->params);
	row->rounds = place_u32(place, "rounds", 1, ROUNDS_MAX);
	row->sent = take_samples(place, "sent");
	row->received = take_samples(place, "received");
	row->lost = take_samples(place, "lost");
	row->disturbed = place_u32(place, "disturbed", 0, row->rounds);
	row->steal = place_real(place, "steal");
	row->other_load = place_real(place, "other_load");
	row->throttled = place_u32(place, "throttled", 0, row->rounds);
	row->unsteady = place_u32(place, "unsteady", 0, row->rounds);
	row->unpaced = place_u32(place, "unpaced", 0, row->rounds);
	if (!place_bool(place, "valid")) {
		place_text(place, "reason", row->invalid, TEXT_BYTES);
		if (!row->invalid[0])
			place_refuse(place, "reason", "empty");
	}
	read_metrics(place, row);
}

static void read_rows(const struct place *place, struct results *results)
{
	uint32_t count = place_array(place, "results", 0, RESULTS_MAX);

	while (results->count < count) {
		struct result *row = &results->rows[results->count];
		struct place inner =
			place_element(place, "results", results->count);

		read_row(&inner, row);
		if (results_find(results, row->scenario, row->reader,
				 &row->params))
			place_refuse(&inner, "params", "a second such row");
		results->count++;
	}
}

static void read_skipped(const struct place *place, struct results *results)
{
	uint32_t count = place_array(place, "skipped", 0, SKIPPED_MAX);

	while (results->skipped_count < count) {
		struct skipped *skipped =
			&results->skipped[results->skipped_count];
		struct place inner =
			place_element(place, "skipped", results->skipped_count);

		place_text(&inner, "name", skipped->name, NAME_BYTES);
		place_text(&inner, "reason", skipped->reason, TEXT_BYTES);
		results->skipped_count++;
	}
}

static void read_schema(const struct place *place)
{
	uint32_t schema = place_u32(place, "schema", 0, UINT32_MAX);
	char key[32];

	snprintf(key, sizeof(key), "schema %u", schema);
	if (schema != RESULTS_SCHEMA)
		place_refuse(place, key, "this psring-bench reads %d",
			     RESULTS_SCHEMA);
}

static void read_results(const struct place *place, struct results *results)
{
	struct place machine;

	read_schema(place);
	machine = place_member(place, "machine");
	read_machine(&machine, &results->machine);
	place_text(place, "command", results->command, TEXT_BYTES);
	results->quick = place_bool(place, "quick");
	results->rounds = place_u32(place, "rounds", 1, ROUNDS_MAX);
	results->duration_s = place_real(place, "duration_s");
	results->elapsed_s = place_real(place, "elapsed_s");
	read_rows(place, results);
	read_skipped(place, results);
}

/* jansson takes a failure for the end of the file: the source remembers it. */
static size_t source_read(void *buffer, size_t size, void *data)
{
	struct source *source = data;
	ssize_t len = read(source->fd, buffer, size);

	if (len < 0)
		source->error = -errno;
	else if ((size_t)len > source->left)
		source->error = -EFBIG;
	if (source->error)
		return (size_t)-1;
	source->left -= (size_t)len;
	return (size_t)len;
}

static int load(const char *path, json_t **ret_json, char cause[TEXT_BYTES])
{
	struct source source = { .left = FILE_BYTES_MAX };
	json_error_t wrong;
	json_t *json;

	source.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source.fd < 0)
		return -errno;
	json = json_load_callback(source_read, &source, JSON_REJECT_DUPLICATES,
				  &wrong);
	close(source.fd);
	if (source.error) {
		json_decref(json);
		return source.error;
	}
	if (!json) {
		snprintf(cause, TEXT_BYTES, "line %d: %s", wrong.line,
			 wrong.text);
		plain_line(cause);
		return -EINVAL;
	}
	*ret_json = json;
	return 0;
}

static int read_file(const char *path, struct results *results,
		     char cause[TEXT_BYTES])
{
	struct place top = { .cause = cause };
	json_t *json = NULL;
	int error = load(path, &json, cause);

	if (error)
		return error;
	top.object = json;
	read_results(&top, results);
	json_decref(json);
	return cause[0] ? -EINVAL : 0;
}

int results_read(const char *path, struct results **ret_results,
		 char ret_cause[TEXT_BYTES])
{
	struct results *results = calloc(1, sizeof(*results));
	int error;

	ret_cause[0] = '\0';
	error = results ? read_file(path, results, ret_cause) : -ENOMEM;
	if (!error) {
		*ret_results = results;
		return 0;
	}
	if (error == -EFBIG)
		snprintf(ret_cause, TEXT_BYTES, "larger than %u MiB",
			 FILE_BYTES_MAX >> 20);
	else if (!ret_cause[0])
		snprintf(ret_cause, TEXT_BYTES, "%s", strerror(-error));
	free(results);
	return error;
}
