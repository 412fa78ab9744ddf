/* SPDX-License-Identifier: MIT */
/*
 * The meter read while two consumers count, groups that are new all the time: a
 * line is that of its key as soon as it is seen, no sum goes back, and in the end
 * each sample was counted once. No kernel is needed.
 */
#include "meter.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#define CONSUMERS 2u
#define SAMPLES	  (UNDER_TSAN ? 128000u : 2048000u)
#define GROUPS	  300u
#define BATCH	  64u

struct consumer {
	struct meter *meter;
	uint32_t queue;
	pthread_t thread;
};

static _Atomic(uint32_t) at_work;

/* The size says which group it is. */
static void *count(void *arg)
{
	struct consumer *consumer = arg;
	struct psr_view views[BATCH] = { 0 };

	for (uint32_t sent = 0; sent < SAMPLES; sent += BATCH) {
		for (uint32_t i = 0; i < BATCH; i++) {
			views[i].group = 1 + (sent / 1024 + i) % GROUPS;
			views[i].orig_size = views[i].group;
			views[i].rate = 1;
		}
		meter_add(consumer->meter, consumer->queue, views, BATCH);
	}
	atomic_fetch_sub(&at_work, 1);
	return NULL;
}

static struct meter_lines all;
static const struct meter_line *const lines = all.of[METER_GROUP];

static double look(struct meter *meter)
{
	double sum = 0;

	meter_begin(&all);
	for (uint32_t i = 0; i < CONSUMERS; i++)
		meter_look(meter, i, 1, &all);
	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct meter_line *line = &lines[i];

		sum += line->total[ESTIMATE_SAMPLES];
		CHECK(line->since[ESTIMATE_SAMPLES] >= 0, "back");
		CHECK(!line->is_used || (line->key >= 1 && line->key <= GROUPS),
		      "group %" PRIu64, line->key);
	}
	return sum + lines[METER_ROWS].total[ESTIMATE_SAMPLES];
}

static void check_end(struct meter *meter)
{
	double sum = look(meter);

	CHECK(sum == CONSUMERS * (double)SAMPLES, "%.0f samples", sum);
	for (uint32_t i = 0; i < METER_ROWS; i++)
		CHECK(lines[i].total[ESTIMATE_BYTES] ==
			      (double)lines[i].key *
				      lines[i].total[ESTIMATE_SAMPLES],
		      "group %" PRIu64 " has another's bytes", lines[i].key);
}

int main(void)
{
	struct consumer consumers[CONSUMERS];
	struct meter *meter;
	double last = 0, sum;

	CHECK(meter_open(CONSUMERS, &meter) == 0, "no memory");
	atomic_store(&at_work, CONSUMERS);
	for (uint32_t i = 0; i < CONSUMERS; i++) {
		consumers[i] = (struct consumer){ .meter = meter, .queue = i };
		CHECK(pthread_create(&consumers[i].thread, NULL, count,
				     &consumers[i]) == 0,
		      "thread");
	}
	while (atomic_load(&at_work)) {
		sum = look(meter);
		CHECK(sum >= last, "%.0f samples after %.0f", sum, last);
		last = sum;
	}
	for (uint32_t i = 0; i < CONSUMERS; i++)
		pthread_join(consumers[i].thread, NULL);
	check_end(meter);
	meter_close(meter);
	puts("every sample in its line");
	return 0;
}
