/* SPDX-License-Identifier: MIT */
/*
 * The file of results: what is written is read again, and whatever else a file
 * may say is refused with a line that tells where it is wrong.
 */
#include "leaks.h"
#include "results.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char directory[] = "/tmp/psring-results-XXXXXX";
static char path[64];
static struct results written;
static char cause[TEXT_BYTES];

static void setup(void)
{
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/results.json", directory);
}

static void teardown(void)
{
	unlink(path);
	/* Fails if a temporary file is left. */
	if (rmdir(directory))
		abort();
	leaks_assert_none();
}

static void add_figures(struct figures *figures, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		figures_add(figures, 1000.25 + i);
}

static void fill(void)
{
	struct result *row;

	written = (struct results){
		.machine = { "Linux 6.1 x86_64", "A CPU @ 2 GHz",
			     "2026-01-02T03:04:05Z", "0.1.0", 2, 1ULL << 33 },
		.command = "psring-bench flood",
		.rounds = 7,
		.duration_s = 0.5,
		.elapsed_s = 12.125,
		.count = 2,
		.skipped_count = 1,
		.skipped = { { "uring", "no io_uring here" } },
	};
	row = &written.rows[0];
	*row = (struct result){ .scenario = "flood",
				.reader = "psring",
				.params = params_none,
				.rounds = 7,
				.sent = 1ULL << 40,
				.received = 5,
				.lost = 3,
				.disturbed = 1,
				.steal = 0.125,
				.other_load = 0.25,
				.throttled = 2,
				.unsteady = 3,
				.unpaced = 2,
				.invalid = "one CPU" };
	row->params.rate = 0;
	row->params.shard = 4;
	for (uint32_t i = 0; i < METRICS; i++)
		add_figures(&row->figures[i], 7);
	row = &written.rows[1];
	*row = (struct result){ .scenario = "decode",
				.reader = "mnl_attr_parse",
				.params = params_none,
				.rounds = 4 };
	add_figures(&row->figures[METRIC_OPERATION], 4);
}

static json_t *load_row(uint32_t index)
{
	json_t *json = json_load_file(path, 0, NULL);
	json_t *row = json_array_get(json_object_get(json, "results"), index);

	cr_assert_not_null(row);
	json_incref(row);
	json_decref(json);
	return row;
}

static bool has(const json_t *object, const char *outer, const char *key)
{
	return json_object_get(json_object_get(object, outer), key);
}

TestSuite(results, .init = setup, .fini = teardown);

Test(results, find)
{
	struct params other = params_none;

	fill();
	other.batch = 1;
	cr_expect_eq(results_find(&written, "decode", "mnl_attr_parse",
				  &params_none),
		     &written.rows[1]);
	cr_expect_null(
		results_find(&written, "decode", "mnl_attr_parse", &other));
	cr_expect_null(
		results_find(&written, "decode", "psring", &params_none));
	cr_expect(results_have(&written, "flood"));
	cr_expect_not(results_have(&written, "floo"));
}

static void expect_rows(const struct result *a, const struct result *b)
{
	cr_expect_str_eq(a->scenario, b->scenario);
	cr_expect_str_eq(a->reader, b->reader);
	cr_expect(params_equal(&a->params, &b->params));
	cr_expect_eq(a->rounds, b->rounds);
	cr_expect_eq(a->sent, b->sent);
	cr_expect_eq(a->received, b->received);
	cr_expect_eq(a->lost, b->lost);
	cr_expect_eq(a->disturbed, b->disturbed);
	cr_expect_eq(a->steal, b->steal);
	cr_expect_eq(a->other_load, b->other_load);
	cr_expect_eq(a->throttled, b->throttled);
	cr_expect_eq(a->unsteady, b->unsteady);
	cr_expect_eq(a->unpaced, b->unpaced);
	cr_expect_str_eq(a->invalid, b->invalid);
	cr_expect_arr_eq(a->figures, b->figures, sizeof(a->figures));
}

Test(results, written_and_read)
{
	struct results *read = NULL;

	fill();
	cr_assert_eq(results_write(&written, path), 0);
	cr_assert_eq(results_read(path, &read, cause), 0, "%s", cause);
	cr_assert_not_null(read);
	cr_expect_str_eq(read->machine.kernel, written.machine.kernel);
	cr_expect_str_eq(read->machine.cpu, written.machine.cpu);
	cr_expect_str_eq(read->machine.date, written.machine.date);
	cr_expect_str_eq(read->machine.version, written.machine.version);
	cr_expect_eq(read->machine.cpus, written.machine.cpus);
	cr_expect_eq(read->machine.memory_bytes, written.machine.memory_bytes);
	cr_expect_str_eq(read->command, written.command);
	cr_expect_not(read->quick);
	cr_expect_eq(read->rounds, written.rounds);
	cr_expect_eq(read->duration_s, written.duration_s);
	cr_expect_eq(read->elapsed_s, written.elapsed_s);
	cr_assert_eq(read->count, 2);
	expect_rows(&read->rows[0], &written.rows[0]);
	expect_rows(&read->rows[1], &written.rows[1]);
	cr_assert_eq(read->skipped_count, 1);
	cr_expect_str_eq(read->skipped[0].name, "uring");
	cr_expect_str_eq(read->skipped[0].reason, "no io_uring here");
	free(read);
}

Test(results, only_what_there_is)
{
	json_t *row;

	fill();
	cr_assert_eq(results_write(&written, path), 0);
	row = load_row(0);
	cr_expect(has(row, "samples_per_s", "low"));
	cr_expect(has(row, "latency_ns", "p99.9"));
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_object_get(row, "params"), "shard")),
			 "flow");
	cr_expect_not(has(row, "params", "queues"));
	json_decref(row);
	row = load_row(1);
	cr_expect_null(json_object_get(row, "sent"));
	cr_expect_null(json_object_get(row, "reason"));
	cr_expect_null(json_object_get(row, "latency_ns"));
	cr_expect_not(has(row, "ns_per_operation", "low"), "4 rounds");
	json_decref(row);
}

Test(results, quick_tells_no_interval)
{
	json_t *row;

	fill();
	written.quick = true;
	cr_assert_eq(results_write(&written, path), 0);
	row = load_row(0);
	cr_expect_not(has(row, "samples_per_s", "high"));
	json_decref(row);
}

/* A command line may hold anything. */
Test(results, text_is_made_plain)
{
	struct results *read = NULL;

	fill();
	strcpy(written.command, "psring-bench \x1b[2J\n\xff");
	cr_assert_eq(results_write(&written, path), 0);
	cr_assert_eq(results_read(path, &read, cause), 0, "%s", cause);
	cr_assert_not_null(read);
	cr_expect_str_eq(read->command, "psring-bench ?[2J??");
	free(read);
}

Test(results, infinite_is_not_written)
{
	fill();
	written.rows[1].figures[METRIC_OPERATION].values[2] = 1.0 / 0.0;
	cr_expect_lt(results_write(&written, path), 0);
	cr_expect_neq(access(path, F_OK), 0);
}

Test(results, failure_leaves_the_old_file)
{
	const struct rlimit small = { 100, 100 };
	struct stat status;
	FILE *old = fopen(path, "w");

	fputs("old", old);
	fclose(old);
	fill();
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	cr_expect_eq(results_write(&written, path), -EFBIG);
	cr_assert_eq(stat(path, &status), 0);
	cr_expect_eq(status.st_size, 3);
}

Test(results, devices_are_written_directly)
{
	struct stat status;

	fill();
	cr_expect_eq(results_write(&written, "/dev/full"), -ENOSPC);
	cr_assert_eq(stat("/dev/full", &status), 0);
	cr_expect(S_ISCHR(status.st_mode));
	cr_expect_eq(results_write(&written, directory), -EISDIR);
	cr_expect_eq(results_write(&written, "/nowhere/x.json"), -ENOENT);
}

static const char good[] =
	"{\"schema\":1,\"machine\":{\"kernel\":\"Linux\",\"cpu\":\"\","
	"\"cpus\":2,\"memory_bytes\":8,\"date\":\"today\",\"version\":\"0\"},"
	"\"command\":\"psring-bench\",\"quick\":false,\"rounds\":5,"
	"\"duration_s\":1,\"elapsed_s\":9.5,\"results\":[{"
	"\"scenario\":\"flood\",\"reader\":\"recv\","
	"\"params\":{\"rate\":0,\"shard\":\"seq\"},\"rounds\":7,\"sent\":9,"
	"\"disturbed\":0,\"steal\":0.5,\"other_load\":0,\"throttled\":1,"
	"\"unsteady\":0,\"unpaced\":0,\"valid\":true,\"samples_per_s\":{\"values\":[1,2]},"
	"\"latency_ns\":{\"p99.9\":{\"values\":[3]}}}],"
	"\"skipped\":[{\"name\":\"ring\",\"reason\":\"one CPU\"}]}";

#define TEN	 "1,1,1,1,1,1,1,1,1,1,"
#define SIXTY	 TEN TEN TEN TEN TEN TEN
#define NOT_TEXT "not a text of at most 23 printable ASCII characters"

struct hostile {
	const char *good;
	const char *bad;
	const char *cause;
};

/* The first place of @good becomes @bad. */
static const struct hostile hostiles[] = {
	{ "{", "", "line 1: '[' or '{' expected near '\"schema\"'" },
	{ "{", "[", "line 1: ']' expected near ':'" },
	{ "\"schema\":1", "\x1b", "line 1: string or '}' expected near '?'" },
	{ "1", "2", "schema 2: this psring-bench reads 1" },
	{ "1", "1.0", "schema: not a whole number from 0 to 4294967295" },
	{ "\"schema\":1,", "", "schema: missing" },
	{ "\"machine\":{", "\"machine\":7,\"x\":{", "machine: not an object" },
	{ "\"Linux\"", "null",
	  "machine.kernel: not a text of at most 255 printable ASCII "
	  "characters" },
	{ "\"cpus\":2", "\"cpus\":0",
	  "machine.cpus: not a whole number from 1 to 4294967295" },
	{ "\"memory_bytes\":8", "\"memory_bytes\":-8",
	  "machine.memory_bytes: not a whole number from 0 to "
	  "9223372036854775807" },
	{ "\"memory_bytes\":8", "\"memory_bytes\":9223372036854775808",
	  "line 1: too big integer near '9223372036854775808'" },
	{ "today", "123456789012345678901234", "machine.date: " NOT_TEXT },
	{ "today", "\\u001b[2J", "machine.date: " NOT_TEXT },
	{ "today", "\\u009b", "machine.date: " NOT_TEXT },
	{ "today", "a\\u0000",
	  "line 1: \\u0000 is not allowed without "
	  "JSON_ALLOW_NUL near '\"a\\u0000\"'" },
	{ "\"quick\":false", "\"quick\":0", "quick: neither true nor false" },
	{ "\"quick\":false", "\"quick\":false,\"quick\":true",
	  "line 1: duplicate object key near '\"quick\"'" },
	{ "\"rounds\":5", "\"rounds\":52",
	  "rounds: not a whole number from 1 to 51" },
	{ "\"duration_s\":1", "\"duration_s\":-1",
	  "duration_s: not a number from 0 to 1e+18" },
	{ "\"elapsed_s\":9.5", "\"elapsed_s\":1e19",
	  "elapsed_s: not a number from 0 to 1e+18" },
	{ "\"elapsed_s\":9.5", "\"elapsed_s\":1e999",
	  "line 1: real number overflow near '1e999'" },
	{ "\"elapsed_s\":9.5", "\"elapsed_s\":NaN",
	  "line 1: invalid token near 'NaN'" },
	{ "\"results\":[", "\"results\":[7,", "results[0]: not an object" },
	{ "\"results\":", "\"results\":{},\"x\":",
	  "results: not an array of 0 to 1024" },
	{ "flood", "Flood",
	  "results[0].scenario: not a name of a-z, 0-9 and _" },
	{ "recv", "", "results[0].reader: not a name of a-z, 0-9 and _" },
	{ "recv", "a|b", "results[0].reader: not a name of a-z, 0-9 and _" },
	{ "recv", "re\\ncv", "results[0].reader: " NOT_TEXT },
	{ "\"rate\":0", "\"rate\":4294967295",
	  "results[0].params.rate: not a whole number from 0 to 4294967294" },
	{ "\"seq\"", "\"sec\"", "results[0].params.shard: unknown" },
	{ "\"seq\"", "0", "results[0].params.shard: " NOT_TEXT },
	{ "\"rounds\":7", "\"rounds\":5.5",
	  "results[0].rounds: not a whole number from 1 to 51" },
	{ "\"rounds\":7,", "", "results[0].rounds: missing" },
	{ "\"sent\":9", "\"sent\":-9",
	  "results[0].sent: not a whole number from 0 to "
	  "9223372036854775807" },
	{ "\"throttled\":1", "\"throttled\":8",
	  "results[0].throttled: not a whole number from 0 to 7" },
	{ "\"steal\":0.5", "\"steal\":\"0.5\"",
	  "results[0].steal: not a number from 0 to 1e+18" },
	{ "true", "false", "results[0].reason: missing" },
	{ "true", "false,\"reason\":\"\"", "results[0].reason: empty" },
	{ "[1,2]", "[]",
	  "results[0].samples_per_s.values: not an array of 1 to 51" },
	{ "[1,2]", "[" SIXTY "1]",
	  "results[0].samples_per_s.values: not an array of 1 to 51" },
	{ "[1,2]", "[1,-2]",
	  "results[0].samples_per_s.values[1]: not a number from 0 to 1e+18" },
	{ "{\"values\":[1,2]}", "[1,2]",
	  "results[0].samples_per_s: not an object" },
	{ "[3]", "[true]",
	  "results[0].latency_ns.p99.9.values[0]: not a number from 0 to "
	  "1e+18" },
	{ "}],\"skipped\"", "},{}],\"skipped\"", "results[1].params: missing" },
	{ "\"ring\"", "[]", "skipped[0].name: " NOT_TEXT },
	{ "one CPU\"}]}", "one CPU\"}]} x",
	  "line 1: end of file expected near 'x'" },
	{ "one CPU\"}]}", "", "line 1: premature end of input near '\"'" },
};

static void write_file(const char *text)
{
	FILE *stream = fopen(path, "w");

	cr_assert_not_null(stream);
	fputs(text, stream);
	cr_assert_eq(fclose(stream), 0);
}

static int read_back(void)
{
	struct results *read = NULL;
	int error = results_read(path, &read, cause);

	cr_expect_eq(!error, read != NULL);
	free(read);
	return error;
}

Test(results, good_is_read)
{
	write_file(good);
	cr_expect_eq(read_back(), 0, "%s", cause);
}

Test(results, hostile)
{
	for (size_t i = 0; i < COUNT(hostiles); i++) {
		const struct hostile *hostile = &hostiles[i];
		const char *place = strstr(good, hostile->good);
		char text[2 * sizeof(good)];

		cr_assert_not_null(place);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - good),
			 good, hostile->bad, place + strlen(hostile->good));
		write_file(text);
		cr_expect_eq(read_back(), -EINVAL, "%s", hostile->bad);
		cr_expect_str_eq(cause, hostile->cause);
	}
}

/* The row again, @times more. */
static void write_rows(uint32_t times)
{
	const char *row = strchr(good, '[');
	const char *end = strstr(good, "],\"skipped\"");
	FILE *stream = fopen(path, "w");

	cr_assert_not_null(stream);
	fprintf(stream, "%.*s", (int)(end - good), good);
	while (times--)
		fprintf(stream, ",%.*s", (int)(end - row - 1), row + 1);
	fputs(end, stream);
	cr_assert_eq(fclose(stream), 0);
}

Test(results, same_row_twice)
{
	write_rows(1);
	cr_expect_eq(read_back(), -EINVAL);
	cr_expect_str_eq(cause, "results[1].params: a second such row");
}

Test(results, too_many_rows)
{
	write_rows(RESULTS_MAX);
	cr_expect_eq(read_back(), -EINVAL);
	cr_expect_str_eq(cause, "results: not an array of 0 to 1024");
}

Test(results, too_large)
{
	static char spaces[1 << 20];
	FILE *stream = fopen(path, "w");

	memset(spaces, ' ', sizeof(spaces));
	for (uint32_t i = 0; i < 65; i++)
		cr_assert_eq(fwrite(spaces, sizeof(spaces), 1, stream), 1);
	fclose(stream);
	cr_expect_eq(read_back(), -EFBIG);
	cr_expect_str_eq(cause, "larger than 64 MiB");
}

Test(results, no_file)
{
	struct results *read = NULL;

	cr_expect_eq(results_read(path, &read, cause), -ENOENT);
	cr_expect_str_eq(cause, "No such file or directory");
	cr_expect_eq(results_read(directory, &read, cause), -EISDIR);
	cr_expect_str_eq(cause, "Is a directory");
	cr_expect_null(read);
}

Test(results, a_round_without_a_value)
{
	struct results *read;

	fill();
	written.rows[1].figures[METRIC_OPERATION].values[2] = NAN;
	cr_assert_eq(results_write(&written, path), 0);
	cr_assert_eq(results_read(path, &read, cause), 0, "%s", cause);
	cr_expect(isnan(read->rows[1].figures[METRIC_OPERATION].values[2]));
	cr_expect_eq(read->rows[1].figures[METRIC_OPERATION].count, 4);
	free(read);
}
