/* SPDX-License-Identifier: MIT */
/*
 * The meter read while two consumers count, groups that are new all the time, with
 * room for all and without: a line is that of its key as soon as it is seen, no sum
 * goes back, and in the end each sample was counted once. No kernel is needed.
 */
#include "meter.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CONSUMERS 2u
#define SAMPLES	  (UNDER_TSAN ? 128000u : 2048000u)
#define ROOMY	  300u /* groups that all have a place */
#define CROWDED	  1500u
#define BATCH	  64u

struct consumer {
	struct meter *meter;
	uint32_t queue;
	uint32_t groups;
	double bytes;
	pthread_t thread;
};

static _Atomic(uint32_t) at_work;

/* Looked at then, no row's own order stands in for that of the sides. */
static void turn_only(const struct consumer *consumer)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	meter_add(consumer->meter, consumer->queue, NULL, 0);
	nanosleep(&pause, NULL);
}

/* The size says which group it is. */
static void *count(void *arg)
{
	struct consumer *consumer = arg;
	struct psr_view views[BATCH] = { 0 };

	for (uint32_t sent = 0; sent < SAMPLES; sent += BATCH) {
		for (uint32_t i = 0; i < BATCH; i++) {
			views[i].group =
				1 + (sent / 1024 + i) % consumer->groups;
			views[i].orig_size = views[i].group;
			views[i].rate = 1;
			consumer->bytes += views[i].orig_size;
		}
		meter_add(consumer->meter, consumer->queue, views, BATCH);
		if (sent % (32 * BATCH) == 0)
			turn_only(consumer);
	}
	atomic_fetch_sub(&at_work, 1);
	return NULL;
}

static struct meter_lines all;
static const struct meter_line *const lines = all.of[METER_GROUP];

static double look(struct meter *meter, uint32_t groups)
{
	double sum = 0;

	meter_begin(&all);
	for (uint32_t i = 0; i < CONSUMERS; i++)
		meter_look(meter, i, 1, &all);
	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct meter_line *line = &lines[i];

		sum += line->total[ESTIMATE_SAMPLES];
		CHECK(line->since[ESTIMATE_SAMPLES] >= 0, "back");
		CHECK(!line->is_used || (line->key >= 1 && line->key <= groups),
		      "group %" PRIu64, line->key);
	}
	return sum + lines[METER_ROWS].total[ESTIMATE_SAMPLES];
}

static double total(enum estimate_sum sum)
{
	double total = 0;

	for (uint32_t i = 0; i <= METER_ROWS; i++)
		total += lines[i].total[sum];
	return total;
}

static void check_end(double bytes)
{
	CHECK(total(ESTIMATE_SAMPLES) == CONSUMERS * (double)SAMPLES,
	      "%.0f samples", total(ESTIMATE_SAMPLES));
	CHECK(total(ESTIMATE_BYTES) == bytes, "%.0f of %.0f bytes",
	      total(ESTIMATE_BYTES), bytes);
}

/* Where lines keep their places. */
static void check_lines(void)
{
	for (uint32_t i = 0; i < METER_ROWS; i++)
		CHECK(lines[i].total[ESTIMATE_BYTES] ==
			      (double)lines[i].key *
				      lines[i].total[ESTIMATE_SAMPLES],
		      "group %" PRIu64 " has another's bytes", lines[i].key);
}

static void run(uint32_t groups)
{
	struct consumer consumers[CONSUMERS];
	double last = 0, sum, bytes = 0;
	struct meter *meter;

	memset(&all, 0, sizeof(all));
	CHECK(meter_open(CONSUMERS, &meter) == 0, "no memory");
	atomic_store(&at_work, CONSUMERS);
	for (uint32_t i = 0; i < CONSUMERS; i++) {
		consumers[i] = (struct consumer){ .meter = meter,
						  .queue = i,
						  .groups = groups };
		CHECK(pthread_create(&consumers[i].thread, NULL, count,
				     &consumers[i]) == 0,
		      "thread");
	}
	while (atomic_load(&at_work)) {
		sum = look(meter, groups);
		CHECK(sum >= last, "%.0f samples after %.0f", sum, last);
		last = sum;
	}
	for (uint32_t i = 0; i < CONSUMERS; i++) {
		pthread_join(consumers[i].thread, NULL);
		bytes += consumers[i].bytes;
	}
	look(meter, groups);
	check_end(bytes);
	meter_close(meter);
}

int main(void)
{
	run(CROWDED);
	run(ROOMY);
	check_lines();
	puts("every sample in its line");
	return 0;
}
