/* SPDX-License-Identifier: MIT */
/*
 * Each row has one writer, the consumer of its queue. A row that is new gets its
 * key before anybody is told that it is used: (A) pairs with (B). Sums are relaxed:
 * each is right, two of them may be a sample apart, and the next look has it.
 *
 * No row is taken from its writer: there are two sides, and who looks empties the
 * one that was left, (C) pairs with (D), once the consumer is at the other, (E)
 * pairs with (F). So rows are only those of the last looks, and what is idle keeps
 * no place from what is new.
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

struct side {
	struct table tables[METER_KINDS];
	struct seen seen[METER_KINDS]; /* at the look before; the reader's */
};

/* A queue's. */
struct share {
	struct side sides[2];
	_Atomic(uint32_t) next; /* where the consumer goes; the reader's */
	_Atomic(uint32_t) at;	/* where it is; its own */
	struct histogram latency_ns;
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

static struct side *share_turn(struct share *share)
{
	/* (D) pairs with (C) in meter_look: the side is empty. */
	uint32_t next =
		atomic_load_explicit(&share->next, memory_order_acquire);

	/* (E) pairs with (F) in meter_look: the other side is complete. */
	atomic_store_explicit(&share->at, next, memory_order_release);
	return &share->sides[next];
}

void meter_add(struct meter *meter, uint32_t queue,
	       const struct psr_view *views, uint32_t count)
{
	struct share *share = &meter->shares[queue];
	struct table *tables = share_turn(share)->tables;
	uint64_t now_ns = clock_real_ns();
	double sums[ESTIMATE_SUMS];

	assert(queue < meter->queue_count);
	for (uint32_t i = 0; i < count; i++) {
		const struct psr_view *view = &views[i];

		estimate_of_view(view, sums);
		row_add(table_row(&tables[METER_GROUP], view->group,
				  view->nsid),
			sums);
		row_add(table_row(&tables[METER_INTERFACE], interfaces_of(view),
				  view->nsid),
			sums);
		if (view->fields & PSR_FIELD_TIMESTAMP)
			histogram_add(&share->latency_ns,
				      latency_of(view, now_ns));
	}
}

static void line_begin(struct meter_line *line, uint64_t key, int32_t nsid)
{
	*line = (struct meter_line){ .key = key,
				     .nsid = nsid,
				     .is_used = true };
}

/* As table_row; where there is no place, the one that is idle longest gives way. */
static struct meter_line *line_of(struct meter_line *lines, uint64_t key,
				  int32_t nsid)
{
	struct meter_line *others = &lines[METER_ROWS];
	struct meter_line *idle = &lines[place_of(key, nsid, 0)];

	for (uint32_t probe = 0; probe < PROBES; probe++) {
		struct meter_line *line = &lines[place_of(key, nsid, probe)];

		if (!line->is_used)
			line_begin(line, key, nsid);
		if (line->key == key && line->nsid == nsid)
			return line;
		if (line->idle_looks > idle->idle_looks)
			idle = line;
	}
	if (idle->idle_looks < METER_IDLE_LOOKS)
		return others;
	for (int i = 0; i < ESTIMATE_SUMS; i++)
		others->total[i] += idle->total[i];
	line_begin(idle, key, nsid);
	return idle;
}

static void line_add(struct meter_line *line, const double more[ESTIMATE_SUMS],
		     double correction)
{
	line->idle_looks = 0;
	line->has_loss |= correction > 1;
	estimate_add(line->since, more, correction);
	estimate_add(line->total, more, correction);
}

/* Return: whether @row has got more since it was @seen. */
static bool row_read(const struct row *row, double seen[ESTIMATE_SUMS],
		     double ret_more[ESTIMATE_SUMS])
{
	bool has_more = false;

	for (int i = 0; i < ESTIMATE_SUMS; i++) {
		double sum = atomic_load_explicit(&row->sums[i],
						  memory_order_relaxed);

		ret_more[i] = sum - seen[i];
		has_more |= ret_more[i] > 0;
		seen[i] = sum;
	}
	return has_more;
}

static void line_start_look(struct meter_line *line)
{
	line->idle_looks++;
	line->has_loss = false;
	memset(line->since, 0, sizeof(line->since));
}

void meter_begin(struct meter_lines *lines)
{
	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++) {
		lines->of[kind][METER_ROWS].key = METER_OTHERS;
		lines->of[kind][METER_ROWS].nsid = PSR_NSID_OWN;
		for (uint32_t i = 0; i <= METER_ROWS; i++)
			line_start_look(&lines->of[kind][i]);
	}
}

static void take_table(struct meter_line *lines, const struct table *table,
		       struct seen *seen, double correction)
{
	struct meter_line *others = &lines[METER_ROWS];
	double more[ESTIMATE_SUMS];

	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct row *row = &table->rows[i];

		/* (B) pairs with (A) in table_row. */
		if (atomic_load_explicit(&row->is_used, memory_order_acquire) &&
		    row_read(row, seen->sums[i], more))
			line_add(line_of(lines, row->key, row->nsid), more,
				 correction);
	}
	if (row_read(&table->rows[METER_ROWS], seen->sums[METER_ROWS], more))
		line_add(others, more, correction);
	others->is_used = others->total[ESTIMATE_SAMPLES] > 0;
}

static void take_side(struct meter_lines *lines, struct side *side,
		      double correction)
{
	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++)
		take_table(lines->of[kind], &side->tables[kind],
			   &side->seen[kind], correction);
}

void meter_look(struct meter *meter, uint32_t queue, double correction,
		struct meter_lines *lines)
{
	struct share *share = &meter->shares[queue];
	uint32_t next =
		atomic_load_explicit(&share->next, memory_order_relaxed);
	/* (F) pairs with (E) in share_turn. */
	bool has_turned =
		atomic_load_explicit(&share->at, memory_order_acquire) == next;
	struct side *left = &share->sides[!next];

	take_side(lines, left, correction);
	take_side(lines, &share->sides[next], correction);
	if (!has_turned)
		return;
	memset(left, 0, sizeof(*left));
	/* (C) pairs with (D) in share_turn. */
	atomic_store_explicit(&share->next, !next, memory_order_release);
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
