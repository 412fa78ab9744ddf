/* SPDX-License-Identifier: MIT */
/*
 * Each row has one writer, the consumer of its queue. A row that is new gets its key before
 * anybody is told that it is used: (A) pairs with (B). Sums are relaxed: each is
 * right, two of them may be a sample apart, and the next look has it.
 */
#include "meter.h"

#include "clocks.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define PROBES	   8 /* places that are searched for a key */
#define HASH_SHIFT 54

static_assert(METER_ROWS == 1 << (64 - HASH_SHIFT),
	      "the hash addresses every row");

struct row {
	alignas(64) uint64_t key;
	int32_t nsid;
	_Atomic(bool) is_used;
	_Atomic(double) sums[ESTIMATE_SUMS];
};

static_assert(sizeof(struct row) == 64, "a row is a cache line");

struct table {
	struct row rows[METER_ROWS + 1]; /* the last: the others */
};

struct seen {
	double sums[METER_ROWS + 1][ESTIMATE_SUMS];
};

/* A queue's, and of its consumer but for what was seen of it. */
struct share {
	struct table tables[METER_KINDS];
	struct histogram latency_ns;
	struct seen seen[METER_KINDS]; /* at the look before; the reader's */
};

struct meter {
	uint32_t queue_count;
	struct share shares[];
};

/* Fibonacci hashing: the upper bits of a product. PSR_NSID_OWN hashes as 0. */
static uint32_t place_of(uint64_t key, int32_t nsid, uint32_t probe)
{
	uint64_t hash = (key + ((uint64_t)((uint32_t)nsid + 1) << 34)) *
			0x9e3779b97f4a7c15;

	return ((uint32_t)(hash >> HASH_SHIFT) + probe) % METER_ROWS;
}

/* The writer's search; the row is the key's afterwards. */
static struct row *table_row(struct table *table, uint64_t key, int32_t nsid)
{
	for (uint32_t probe = 0; probe < PROBES; probe++) {
		struct row *row = &table->rows[place_of(key, nsid, probe)];

		if (!atomic_load_explicit(&row->is_used,
					  memory_order_relaxed)) {
			row->key = key;
			row->nsid = nsid;
			/* (A) pairs with (B) in take_table. */
			atomic_store_explicit(&row->is_used, true,
					      memory_order_release);
		}
		if (row->key == key && row->nsid == nsid)
			return row;
	}
	return &table->rows[METER_ROWS];
}

static void row_add(struct row *row, const double sums[ESTIMATE_SUMS])
{
	for (int i = 0; i < ESTIMATE_SUMS; i++) {
		double sum = atomic_load_explicit(&row->sums[i],
						  memory_order_relaxed);

		atomic_store_explicit(&row->sums[i], sum + sums[i],
				      memory_order_relaxed);
	}
}

/* The kernel's numbers are positive ints: any other is nobody's. */
static uint64_t interfaces_of(const struct psr_view *view)
{
	uint64_t iif = METER_UNKNOWN, oif = METER_UNKNOWN;

	if (view->fields & PSR_FIELD_IIF && view->iif < METER_UNKNOWN)
		iif = view->iif;
	if (view->fields & PSR_FIELD_OIF && view->oif < METER_UNKNOWN)
		oif = view->oif;
	return iif << 32 | oif;
}

/*
 * A clock that was set back makes no sample older; one that was set forward, or a
 * sample that lies, must not make the sum of all latencies go round.
 */
static uint64_t latency_of(const struct psr_view *view, uint64_t now_ns)
{
	uint64_t latency_ns =
		now_ns > view->timestamp_ns ? now_ns - view->timestamp_ns : 0;

	return latency_ns < METER_LATENCY_MAX ? latency_ns : METER_LATENCY_MAX;
}

void meter_add(struct meter *meter, uint32_t queue,
	       const struct psr_view *views, uint32_t count)
{
	struct share *share = &meter->shares[queue];
	uint64_t now_ns = clock_real_ns();
	double sums[ESTIMATE_SUMS];

	assert(queue < meter->queue_count);
	for (uint32_t i = 0; i < count; i++) {
		const struct psr_view *view = &views[i];

		estimate_of_view(view, sums);
		row_add(table_row(&share->tables[METER_GROUP], view->group,
				  view->nsid),
			sums);
		row_add(table_row(&share->tables[METER_INTERFACE],
				  interfaces_of(view), view->nsid),
			sums);
		if (view->fields & PSR_FIELD_TIMESTAMP)
			histogram_add(&share->latency_ns,
				      latency_of(view, now_ns));
	}
}

/* As table_row: a line keeps its place for good. */
static struct meter_line *line_of(struct meter_line *lines, uint64_t key,
				  int32_t nsid)
{
	for (uint32_t probe = 0; probe < PROBES; probe++) {
		struct meter_line *line = &lines[place_of(key, nsid, probe)];

		if (!line->is_used)
			*line = (struct meter_line){ .key = key,
						     .nsid = nsid,
						     .is_used = true };
		if (line->key == key && line->nsid == nsid)
			return line;
	}
	return &lines[METER_ROWS];
}

static void take_row(struct meter_line *line, const struct row *row,
		     double seen[ESTIMATE_SUMS], double correction)
{
	double more[ESTIMATE_SUMS];

	for (int i = 0; i < ESTIMATE_SUMS; i++) {
		double sum = atomic_load_explicit(&row->sums[i],
						  memory_order_relaxed);

		more[i] = sum - seen[i];
		seen[i] = sum;
	}
	line->has_loss |= correction > 1 && more[ESTIMATE_SAMPLES] > 0;
	estimate_add(line->since, more, correction);
	estimate_add(line->total, more, correction);
}

static void begin_line(struct meter_line *line)
{
	line->has_loss = false;
	memset(line->since, 0, sizeof(line->since));
}

void meter_begin(struct meter_lines *lines)
{
	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++) {
		lines->of[kind][METER_ROWS].key = METER_OTHERS;
		lines->of[kind][METER_ROWS].nsid = PSR_NSID_OWN;
		for (uint32_t i = 0; i <= METER_ROWS; i++)
			begin_line(&lines->of[kind][i]);
	}
}

static void take_table(struct meter_line *lines, const struct table *table,
		       struct seen *seen, double correction)
{
	struct meter_line *others = &lines[METER_ROWS];

	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct row *row = &table->rows[i];

		/* (B) pairs with (A) in table_row. */
		if (atomic_load_explicit(&row->is_used, memory_order_acquire))
			take_row(line_of(lines, row->key, row->nsid), row,
				 seen->sums[i], correction);
	}
	take_row(others, &table->rows[METER_ROWS], seen->sums[METER_ROWS],
		 correction);
	others->is_used = others->total[ESTIMATE_SAMPLES] > 0;
}

void meter_look(struct meter *meter, uint32_t queue, double correction,
		struct meter_lines *lines)
{
	struct share *share = &meter->shares[queue];

	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++)
		take_table(lines->of[kind], &share->tables[kind],
			   &share->seen[kind], correction);
}

const struct histogram *meter_latency(const struct meter *meter, uint32_t queue)
{
	return &meter->shares[queue].latency_ns;
}

int meter_open(uint32_t queue_count, struct meter **ret_meter)
{
	size_t bytes =
		sizeof(struct meter) + queue_count * sizeof(struct share);
	struct meter *meter;

	if (posix_memalign((void **)&meter, alignof(struct meter), bytes))
		return -ENOMEM;
	memset(meter, 0, bytes);
	meter->queue_count = queue_count;
	*ret_meter = meter;
	return 0;
}

void meter_close(struct meter *meter)
{
	free(meter);
}
