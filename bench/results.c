/* SPDX-License-Identifier: MIT */
/*
 * The JSON file of a run, as results.schema.json describes it.
 *
 * Whatever a file says is checked where it is taken: a take_* function returns
 * what results.h may hold, and for anything else 0, after it told the cause.
 * The first cause stays, so that reading goes on regardless and the cause is
 * looked at once, at the end.
 */
#include "results.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run that fills all of struct results takes less. */
#define FILE_BYTES_MAX (64U << 20)

/* Sums of ROUNDS_MAX of them are far from infinite. */
#define REAL_MAX 1e18

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* The members of an object of the file. */
struct place {
	const json_t *object;
	char name[48]; /* before a member's: "results[3].latency_ns." */
	char *cause;
};

struct source {
	int fd;
	int error;
	size_t left; /* bytes that are still allowed */
};

bool results_is_baseline(const char *reader)
{
	static const char *const baselines[] = {
		"recv",
		"peek_recv",
		"mnl",
		"bare",
		"mnl_attr_parse",
		"ck_ring",
		"ck_ring_pointers",
		"cache_line",
	};

	for (size_t i = 0; i < sizeof(baselines) / sizeof(baselines[0]); i++)
		if (strcmp(reader, baselines[i]) == 0)
			return true;
	return false;
}

const struct result *results_find(const struct results *results,
				  const char *scenario, const char *reader,
				  const struct params *params)
{
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *row = &results->rows[i];

		if (strcmp(row->scenario, scenario) == 0 &&
		    strcmp(row->reader, reader) == 0 &&
		    params_equal(&row->params, params))
			return row;
	}
	return NULL;
}

bool results_have(const struct results *results, const char *scenario)
{
	for (uint32_t i = 0; i < results->count; i++)
		if (strcmp(results->rows[i].scenario, scenario) == 0)
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

/* Nothing that a terminal would act on. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* NULL, as from all of these, if there is no memory or a figure is infinite. */
static json_t *text_json(const char *text)
{
	char plain[TEXT_BYTES];

	snprintf(plain, sizeof(plain), "%s", text);
	make_plain(plain);
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

__attribute__((format(printf, 3, 4))) static void
refuse(const struct place *place, const char *key, const char *format, ...)
{
	va_list arguments;
	int len;

	if (place->cause[0])
		return;
	va_start(arguments, format);
	len = snprintf(place->cause, TEXT_BYTES, "%s%s: ", place->name, key);
	vsnprintf(place->cause + len, TEXT_BYTES - (size_t)len, format,
		  arguments);
	va_end(arguments);
}

static bool has(const struct place *place, const char *key)
{
	return json_object_get(place->object, key);
}

static const json_t *take(const struct place *place, const char *key)
{
	if (!has(place, key))
		refuse(place, key, "missing");
	return json_object_get(place->object, key);
}

static uint64_t take_whole(const struct place *place, const char *key,
			   uint64_t min, uint64_t max)
{
	const json_t *json = take(place, key);
	json_int_t value = json_integer_value(json);

	if (json_is_integer(json) && value >= 0 && (uint64_t)value >= min &&
	    (uint64_t)value <= max)
		return (uint64_t)value;
	refuse(place, key, "not a whole number from %" PRIu64 " to %" PRIu64,
	       min, max);
	return 0;
}

static uint32_t take_u32(const struct place *place, const char *key,
			 uint32_t min, uint32_t max)
{
	return (uint32_t)take_whole(place, key, min, max);
}

/* Of a scenario without samples, it is absent. */
static uint64_t take_samples(const struct place *place, const char *key)
{
	return has(place, key) ? take_whole(place, key, 0, INT64_MAX) : 0;
}

static double check_real(const struct place *place, const char *key,
			 const json_t *json)
{
	double value = json_number_value(json);

	if (json_is_number(json) && value >= 0 && value <= REAL_MAX)
		return value;
	refuse(place, key, "not a number from 0 to %g", REAL_MAX);
	return 0;
}

static double take_real(const struct place *place, const char *key)
{
	return check_real(place, key, take(place, key));
}

static bool take_bool(const struct place *place, const char *key)
{
	const json_t *json = take(place, key);

	if (!json_is_boolean(json))
		refuse(place, key, "neither true nor false");
	return json_is_true(json);
}

static void take_text(const struct place *place, const char *key, char *ret,
		      size_t bytes)
{
	const char *text = json_string_value(take(place, key));

	if (text && strlen(text) < bytes && is_plain(text))
		snprintf(ret, bytes, "%s", text);
	else
		refuse(place, key,
		       "not a text of at most %zu printable ASCII characters",
		       bytes - 1);
}

static void take_name(const struct place *place, const char *key,
		      char ret[NAME_BYTES])
{
	take_text(place, key, ret, NAME_BYTES);
	if (!ret[0] || ret[strspn(ret, NAME_CHARACTERS)])
		refuse(place, key, "not a name of a-z, 0-9 and _");
}

/* The number of elements of an array, so that none beyond @max is looked at. */
static uint32_t take_array(const struct place *place, const char *key,
			   uint32_t min, uint32_t max)
{
	const json_t *array = take(place, key);
	size_t count = json_array_size(array);

	if (json_is_array(array) && count >= min && count <= max)
		return (uint32_t)count;
	refuse(place, key, "not an array of %u to %u", min, max);
	return 0;
}

static struct place enter(const struct place *outer, const char *key,
			  const json_t *object)
{
	struct place inner = { .object = object, .cause = outer->cause };
	int len;

	len = snprintf(inner.name, sizeof(inner.name), "%s%s.", outer->name,
		       key);
	assert(len < (int)sizeof(inner.name));
	if (!json_is_object(object))
		refuse(outer, key, "not an object");
	return inner;
}

static struct place enter_member(const struct place *outer, const char *key)
{
	return enter(outer, key, take(outer, key));
}

static struct place enter_element(const struct place *outer, const char *key,
				  uint32_t index)
{
	const json_t *array = json_object_get(outer->object, key);
	char name[32];

	snprintf(name, sizeof(name), "%s[%u]", key, index);
	return enter(outer, name, json_array_get(array, index));
}

static void read_machine(const struct place *place, struct machine *machine)
{
	take_text(place, "kernel", machine->kernel, TEXT_BYTES);
	take_text(place, "cpu", machine->cpu, TEXT_BYTES);
	machine->cpus = take_u32(place, "cpus", 1, UINT32_MAX);
	machine->memory_bytes = take_whole(place, "memory_bytes", 0, INT64_MAX);
	take_text(place, "date", machine->date, NAME_BYTES);
	take_text(place, "version", machine->version, NAME_BYTES);
}

static uint32_t read_shard(const struct place *place, const char *key)
{
	char name[NAME_BYTES] = "";
	uint32_t shard;

	take_name(place, key, name);
	shard = params_shard(name);
	if (shard == PARAM_ABSENT)
		refuse(place, key, "unknown");
	return shard;
}

static void read_params(const struct place *place, struct params *params)
{
	*params = params_none;
	for (uint32_t i = 0; i < PARAMS; i++) {
		const char *key = param_kinds[i].key;

		if (!has(place, key))
			continue;
		*param_at(params, i) =
			i == PARAM_SHARD
				? read_shard(place, key)
				: take_u32(place, key, 0, PARAM_ABSENT - 1);
	}
}

/* All else in the object follows from the values. */
static void read_figures(const struct place *place, struct figures *figures)
{
	uint32_t count = take_array(place, "values", 1, ROUNDS_MAX);
	const json_t *values = json_object_get(place->object, "values");

	for (uint32_t i = 0; i < count; i++) {
		const json_t *json = json_array_get(values, i);
		char name[32];

		snprintf(name, sizeof(name), "values[%u]", i);
		figures_add(figures, json_is_null(json)
					     ? NAN
					     : check_real(place, name, json));
	}
}

static void read_metrics(const struct place *place, struct result *row)
{
	const char *latency_key = metric_kinds[METRIC_LATENCY_P50].key;
	struct place latency = { 0 };

	if (has(place, latency_key))
		latency = enter_member(place, latency_key);
	for (size_t i = 0; i < METRICS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];
		const struct place *outer = kind->percent ? &latency : place;
		const char *key = kind->percent ? kind->percent : kind->key;
		struct place figures;

		if (!has(outer, key))
			continue;
		figures = enter_member(outer, key);
		read_figures(&figures, &row->figures[i]);
	}
}

static void read_row(const struct place *place, struct result *row)
{
	struct place params = enter_member(place, "params");

	take_name(place, "scenario", row->scenario);
	take_name(place, "reader", row->reader);
	read_params(&params, &row->params);
	row->rounds = take_u32(place, "rounds", 1, ROUNDS_MAX);
	row->sent = take_samples(place, "sent");
	row->received = take_samples(place, "received");
	row->lost = take_samples(place, "lost");
	row->disturbed = take_u32(place, "disturbed", 0, row->rounds);
	row->steal = take_real(place, "steal");
	row->other_load = take_real(place, "other_load");
	row->throttled = take_u32(place, "throttled", 0, row->rounds);
	row->unsteady = take_u32(place, "unsteady", 0, row->rounds);
	row->unpaced = take_u32(place, "unpaced", 0, row->rounds);
	if (!take_bool(place, "valid")) {
		take_text(place, "reason", row->invalid, TEXT_BYTES);
		if (!row->invalid[0])
			refuse(place, "reason", "empty");
	}
	read_metrics(place, row);
}

static void read_rows(const struct place *place, struct results *results)
{
	uint32_t count = take_array(place, "results", 0, RESULTS_MAX);

	while (results->count < count) {
		struct result *row = &results->rows[results->count];
		struct place inner =
			enter_element(place, "results", results->count);

		read_row(&inner, row);
		if (results_find(results, row->scenario, row->reader,
				 &row->params))
			refuse(&inner, "params", "a second such row");
		results->count++;
	}
}

static void read_skipped(const struct place *place, struct results *results)
{
	uint32_t count = take_array(place, "skipped", 0, SKIPPED_MAX);

	while (results->skipped_count < count) {
		struct skipped *skipped =
			&results->skipped[results->skipped_count];
		struct place inner =
			enter_element(place, "skipped", results->skipped_count);

		take_text(&inner, "name", skipped->name, NAME_BYTES);
		take_text(&inner, "reason", skipped->reason, TEXT_BYTES);
		results->skipped_count++;
	}
}

static void read_schema(const struct place *place)
{
	uint32_t schema = take_u32(place, "schema", 0, UINT32_MAX);
	char key[32];

	snprintf(key, sizeof(key), "schema %u", schema);
	if (schema != RESULTS_SCHEMA)
		refuse(place, key, "this psring-bench reads %d",
		       RESULTS_SCHEMA);
}

static void read_results(const struct place *place, struct results *results)
{
	struct place machine;

	read_schema(place);
	machine = enter_member(place, "machine");
	read_machine(&machine, &results->machine);
	take_text(place, "command", results->command, TEXT_BYTES);
	results->quick = take_bool(place, "quick");
	results->rounds = take_u32(place, "rounds", 1, ROUNDS_MAX);
	results->duration_s = take_real(place, "duration_s");
	results->elapsed_s = take_real(place, "elapsed_s");
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
		make_plain(cause);
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
