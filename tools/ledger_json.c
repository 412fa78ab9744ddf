/* SPDX-License-Identifier: MIT */
/*
 * The ledger as one JSON object on one line. It is written once in a run, so a
 * library's tree of values is fine here, where it is not for samples.
 */
#include "json.h"
#include "ledger.h"

#include <errno.h>
#include <stddef.h>

#define SECOND_NS 1e9

struct counter {
	const char *key;
	size_t offset; /* of a uint64_t in struct psr_stats */
};

#define COUNTER(member)                                     \
	{                                                   \
#member, offsetof(struct psr_stats, member) \
	}

/* Between the first two tables stand unmatched and discarded, between the last two
 * left_in_socket, which has a sign. */
static const struct counter counters_before[] = {
	COUNTER(received),
	COUNTER(delivered),
};

static const struct counter counters_between[] = {
	COUNTER(pending),   COUNTER(malformed), COUNTER(foreign),
	COUNTER(truncated), COUNTER(trailing),	COUNTER(userspace),
	COUNTER(forged),    COUNTER(evicted),	COUNTER(lost_socket),
	COUNTER(lost_ring),
};

static const struct counter counters_after[] = {
	COUNTER(bytes),	   COUNTER(backlog_bytes), COUNTER(backlog_peak_bytes),
	COUNTER(stalls),   COUNTER(arms),	   COUNTER(wakeups),
	COUNTER(syscalls),
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int put_counters(json_t *object, const struct counter *counters,
			size_t length, const struct psr_stats *stats)
{
	int failed = 0;

	for (size_t i = 0; i < length; i++) {
		const char *place = (const char *)stats + counters[i].offset;

		failed |= json_put(object, counters[i].key,
				   json_count(*(const uint64_t *)place));
	}
	return failed;
}

static json_t *batches_json(const struct psr_stats *stats)
{
	json_t *array = json_array();
	int failed = 0;

	for (size_t i = 0; i < PSR_BATCH_BUCKETS; i++)
		failed |= json_array_append_new(array,
						json_count(stats->batches[i]));
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

/* @ledger: NULL for a queue, which knows neither what was printed of it nor of
 * interruptions */
static int put_stats(json_t *object, const struct psr_stats *stats,
		     const struct ledger *ledger)
{
	int failed;

	failed = put_counters(object, counters_before, LENGTH(counters_before),
			      stats);
	if (ledger) {
		failed |= json_put(object, "unmatched",
				   json_count(ledger->unmatched));
		failed |= json_put(object, "discarded",
				   json_count(ledger->discarded));
	}
	failed |= put_counters(object, counters_between,
			       LENGTH(counters_between), stats);
	failed |= json_put(object, "left_in_socket",
			   stats->left_in_socket < 0
				   ? json_null()
				   : json_integer(stats->left_in_socket));
	if (ledger)
		failed |= json_put(object, "interruptions",
				   json_count(stats->interruptions));
	failed |= put_counters(object, counters_after, LENGTH(counters_after),
			       stats);
	failed |= json_put(object, "batches", batches_json(stats));
	return failed;
}

static int append_queue(json_t *array, const struct psr_stats *stats)
{
	json_t *object = json_object();
	int failed = put_stats(object, stats, NULL);

	return json_array_append_new(array, object) | failed;
}

static int append_group(json_t *array, const struct psr_group_stats *group)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "group", json_count(group->group));
	if (group->nsid != PSR_NSID_OWN)
		failed |= json_put(object, "nsid", json_integer(group->nsid));
	if (group->probability)
		failed |= json_put(object, "probability",
				   json_real((double)group->rate / UINT32_MAX));
	else
		failed |= json_put(object, "rate", json_count(group->rate));
	failed |= json_put(object, "received", json_count(group->received));
	failed |= json_put(object, "first_seq", json_count(group->first_seq));
	failed |=
		json_put(object, "highest_seq", json_count(group->highest_seq));
	if (group->sequenced > 0) {
		failed |= json_put(object, "missing",
				   json_integer(group->missing));
		failed |= json_put(object, "net_missing",
				   json_integer(group->net_missing));
		failed |= json_put(object, "duplicate",
				   json_count(group->duplicate));
		failed |= json_put(object, "reordered",
				   json_count(group->reordered));
	}
	failed |= json_put(object, "restarts", json_count(group->restarts));
	return json_array_append_new(array, object) | failed;
}

static int put_arrays(json_t *object, const struct ledger *ledger)
{
	json_t *queues = json_array();
	json_t *groups = json_array();
	int failed = 0;

	for (uint32_t i = 0; i < ledger->info.queue_count; i++)
		failed |= append_queue(queues, &ledger->queues[i]);
	for (uint32_t i = 0; i < ledger->group_count; i++)
		failed |= append_group(groups, &ledger->groups[i]);
	failed |= json_put(object, "queues", queues);
	failed |= json_put(object, "groups", groups);
	return failed;
}

/* A figure that would be a division by zero is null. */
static json_t *quotient(double dividend, double divisor)
{
	return divisor > 0 ? json_real(dividend / divisor) : json_null();
}

static int put_run(json_t *object, const struct ledger *ledger)
{
	double received = (double)ledger->total.received;
	double duration_s = (double)ledger->duration_ns / SECOND_NS;
	int failed = 0;

	failed |= json_put(object, "transport",
			   json_string(ledger_transport(&ledger->info)));
	if (ledger->info.fallback)
		failed |= json_put(object, "fallback",
				   json_string(ledger->info.fallback));
	if (ledger->thin > 1)
		failed |= json_put(object, "thin", json_count(ledger->thin));
	failed |= json_put(object, "rcvbuf_bytes",
			   json_count(ledger->info.rcvbuf_bytes));
	failed |= json_put(object, "duration_s", json_real(duration_s));
	failed |= json_put(object, "cpu_ns_per_sample",
			   quotient((double)ledger->cpu_ns, received));
	failed |= json_put(object, "samples_per_s",
			   quotient(received, duration_s));
	return failed;
}

int ledger_write_json(const struct ledger *ledger, FILE *stream)
{
	json_t *object = json_object();
	int failed = 0;

	if (ledger->has_sent)
		failed |= json_put(object, "sent", json_count(ledger->sent));
	failed |= put_stats(object, &ledger->total, ledger);
	failed |= put_arrays(object, ledger);
	failed |= put_run(object, ledger);
	if (failed) {
		json_decref(object);
		return -ENOMEM;
	}
	failed = json_dumpf(object, stream,
			    JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(object);
	putc('\n', stream);
	/* jansson tells neither which error it was: a full disk shows in the
	 * stream as well. */
	return failed && !ferror(stream) ? -ENOMEM : 0;
}
