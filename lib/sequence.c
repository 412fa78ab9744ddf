/* SPDX-License-Identifier: MIT */
/*
 * Sequence evidence per sample group.
 *
 * The kernel counts a group's samples in 32 bits without a lock, from 0 when
 * the group is made (net/psample/psample.c: psample_sample_packet), so each
 * number is compared with the highest so far by its signed distance. Ahead, it
 * is the new highest. Behind, a window of the last 64 numbers tells whether it
 * fills a gap or is there again. Far behind, the group has restarted: its
 * numbers tell that, because a notification would come on another socket, in
 * no order with the samples that are still queued.
 *
 * Queues see a share each, so what is missing can only be told after merging
 * them.
 */
#include "sequence.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>

#define HASH_SHIFT 53

#define WINDOW 64 /* bits of sequence.window */

/*
 * A CPU that is interrupted while it counts stores an old number afterwards:
 * the group goes back by what the others have sampled meanwhile. That much is
 * no restart.
 */
#define RESTART_DISTANCE 4096

/* An entry that began anew so often while it was read is left out. */
#define READ_TRIES 100

static_assert(SEQUENCE_BUCKETS == 1u << (64 - HASH_SHIFT),
	      "the hash addresses every bucket");
static_assert(PSR_TRACKED_MAX <= UINT16_MAX, "a place has 16 bits");

/* (A) pairs with (B) in sequence_read. */
#define STORE(place, value) \
	atomic_store_explicit(place, value, memory_order_release)
/* (B) pairs with (A) in sequence_begin and sequence_count. */
#define LOAD(place) atomic_load_explicit(place, memory_order_acquire)

static uint64_t key_of(const struct psr_view *view)
{
	return (uint64_t)(uint32_t)view->nsid << 32 | view->group;
}

static void sequence_increment(counter *c)
{
	STORE(c, counter_read(c) + 1);
}

static void sequence_count(struct sequence *sequence,
			   const struct psr_view *view)
{
	sequence_increment(&sequence->received);
	STORE(&sequence->rate, view->rate);
	STORE(&sequence->probability, view->fields & PSR_FIELD_PROBABILITY);
}

/* The evidence begins with this sample. */
static void sequence_begin(struct sequence *sequence,
			   const struct psr_view *view, uint64_t received,
			   uint64_t restarts)
{
	uint32_t version =
		atomic_load_explicit(&sequence->version, memory_order_relaxed);

	/* (A) comes with each field that is stored after it. */
	atomic_store_explicit(&sequence->version, version + 1,
			      memory_order_relaxed);
	STORE(&sequence->key, key_of(view));
	STORE(&sequence->received, received);
	STORE(&sequence->received_before, received);
	STORE(&sequence->restarts, restarts);
	STORE(&sequence->first, view->group_seq);
	STORE(&sequence->highest, view->group_seq);
	STORE(&sequence->duplicate, 0);
	STORE(&sequence->reordered, 0);
	sequence->window = 1;
	sequence_count(sequence, view);
	/* (C) pairs with (D) in sequence_read. */
	STORE(&sequence->version, version + 2);
}

static void sequence_ahead(struct sequence *sequence, uint32_t distance)
{
	sequence->window = distance < WINDOW ? sequence->window << distance : 0;
	sequence->window |= 1;
	STORE(&sequence->highest, counter_read(&sequence->highest) + distance);
}

/* Out of the window the two cannot be told apart. */
static void sequence_behind(struct sequence *sequence, uint32_t distance)
{
	uint64_t bit = distance < WINDOW ? UINT64_C(1) << distance : 0;
	uint64_t highest = counter_read(&sequence->highest);

	if (sequence->window & bit) {
		sequence_increment(&sequence->duplicate);
		return;
	}
	sequence_increment(&sequence->reordered);
	sequence->window |= bit;
	/* The first to be seen was not the first to be numbered. */
	if (bit && distance > highest - counter_read(&sequence->first))
		STORE(&sequence->first, highest - distance);
}

/* Ahead as well: a group that had counted over 2^31 has restarted there. */
static bool sequence_restarts(uint32_t seq, int32_t distance)
{
	if (seq < WINDOW)
		return distance <= -WINDOW || distance > RESTART_DISTANCE;
	return distance < -RESTART_DISTANCE;
}

static void sequence_continue(struct sequence *sequence,
			      const struct psr_view *view)
{
	uint32_t highest = (uint32_t)counter_read(&sequence->highest);
	int32_t distance = (int32_t)(view->group_seq - highest);

	if (sequence_restarts(view->group_seq, distance)) {
		sequence_begin(sequence, view,
			       counter_read(&sequence->received),
			       counter_read(&sequence->restarts) + 1);
		return;
	}
	if (distance > 0)
		sequence_ahead(sequence, (uint32_t)distance);
	else
		sequence_behind(sequence, highest - view->group_seq);
	sequence_count(sequence, view);
}

/*
 * Nobody shall know which groups make a long chain, a sample of which costs a
 * hundred times as much; but that is no reason to wait or to fail.
 */
struct sequence_table *sequence_table_new(void)
{
	struct sequence_table *table = calloc(1, sizeof(*table));
	uint64_t random;

	if (!table)
		return NULL;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 11400714819323198485u; /* 2^64 / golden ratio */
	/* Odd: the product then keeps every bit of the key. */
	table->multiplier = random | 1;
	return table;
}

static uint64_t key_at(const struct sequence_table *table, uint16_t place)
{
	return atomic_load_explicit(&table->sequences[place].key,
				    memory_order_relaxed);
}

static uint16_t *bucket_of(struct sequence_table *table, uint64_t key)
{
	return &table->buckets[(key * table->multiplier) >> HASH_SHIFT];
}

/* 0: the group has no place. */
static uint16_t table_find(struct sequence_table *table, uint64_t key)
{
	uint16_t place = *bucket_of(table, key);

	while (place != 0 && key_at(table, place) != key)
		place = table->next[place];
	return place;
}

/*
 * Second chance: the hand goes round and passes by whoever was used since it
 * was there last. Each that it passes was paid for by a sample.
 */
static uint16_t table_evict(struct sequence_table *table)
{
	uint16_t *link;
	bool used;

	do {
		table->hand = table->hand % PSR_TRACKED_MAX + 1;
		used = table->used[table->hand];
		table->used[table->hand] = false;
	} while (used);

	link = bucket_of(table, key_at(table, table->hand));
	while (*link != table->hand)
		link = &table->next[*link];
	*link = table->next[table->hand];
	return table->hand;
}

/* True: another group lost its place to this one. */
static bool table_enter(struct sequence_table *table,
			const struct psr_view *view)
{
	uint32_t count =
		atomic_load_explicit(&table->count, memory_order_relaxed);
	bool full = count == PSR_TRACKED_MAX;
	uint16_t place = full ? table_evict(table) : (uint16_t)(count + 1);
	uint16_t *bucket = bucket_of(table, key_of(view));

	sequence_begin(&table->sequences[place], view, 0, 0);
	table->next[place] = *bucket;
	*bucket = place;
	/* (E) pairs with (F) in sequence_merge. */
	if (!full)
		atomic_store_explicit(&table->count, place,
				      memory_order_release);
	return full;
}

bool sequence_add(struct sequence_table *table, const struct psr_view *view)
{
	uint16_t place = table_find(table, key_of(view));

	if (place == 0)
		return table_enter(table, view);
	table->used[place] = true;
	sequence_continue(&table->sequences[place], view);
	return false;
}

/* An entry at one moment. */
struct evidence {
	uint64_t key;
	uint32_t rate;
	uint32_t probability;
	uint64_t received;
	uint64_t received_before;
	uint64_t restarts;
	uint64_t first;
	uint64_t highest;
	uint64_t duplicate;
	uint64_t reordered;
};

/* False: it began anew all the time. */
static bool sequence_read(const struct sequence *sequence,
			  struct evidence *ret_evidence)
{
	for (uint32_t i = 0; i < READ_TRIES; i++) {
		/* (D) pairs with (C) in sequence_begin. */
		uint32_t version = LOAD(&sequence->version);

		*ret_evidence = (struct evidence){
			.key = LOAD(&sequence->key),
			.rate = LOAD(&sequence->rate),
			.probability = LOAD(&sequence->probability),
			.received = LOAD(&sequence->received),
			.received_before = LOAD(&sequence->received_before),
			.restarts = LOAD(&sequence->restarts),
			.first = LOAD(&sequence->first),
			.highest = LOAD(&sequence->highest),
			.duplicate = LOAD(&sequence->duplicate),
			.reordered = LOAD(&sequence->reordered),
		};
		if (version % 2 == 0 && LOAD(&sequence->version) == version)
			return true;
	}
	return false;
}

/* Nothing of the span is there yet. */
static void merge_begin(struct psr_group_stats *stats,
			const struct evidence *evidence)
{
	stats->first_seq = (uint32_t)evidence->first;
	stats->span = 1;
	stats->net_missing = 1;
	stats->duplicate = 0;
	stats->reordered = 0;
	stats->restarts = evidence->restarts;
}

static struct psr_group_stats *merged_of(struct sequence_groups *merged,
					 const struct evidence *evidence)
{
	const uint32_t group = (uint32_t)evidence->key;
	const int32_t nsid = (int32_t)(evidence->key >> 32);
	struct psr_group_stats *stats;

	for (uint32_t i = 0; i < merged->count; i++)
		if (merged->groups[i].group == group &&
		    merged->groups[i].nsid == nsid)
			return &merged->groups[i];
	if (merged->count == merged->max)
		return NULL;

	stats = &merged->groups[merged->count++];
	*stats = (struct psr_group_stats){ .group = group, .nsid = nsid };
	merge_begin(stats, evidence);
	return stats;
}

static void merge_span(struct psr_group_stats *stats,
		       const struct evidence *evidence)
{
	int32_t later = (int32_t)((uint32_t)evidence->first - stats->first_seq);
	uint64_t span = evidence->highest - evidence->first + 1;

	if (later < 0) {
		stats->first_seq = (uint32_t)evidence->first;
		stats->span += (uint32_t)0 - (uint32_t)later;
	} else {
		span += (uint64_t)later;
	}
	if (span < stats->span)
		return;
	/* The highest number so far is the newest sample. */
	stats->span = span;
	stats->rate = evidence->rate;
	stats->probability = evidence->probability != 0;
}

/*
 * Of a queue with fewer restarts it cannot be told which of its samples came
 * since the last: it was late to see it, or has heard nothing since.
 */
static void merge(struct psr_group_stats *stats,
		  const struct evidence *evidence)
{
	uint64_t received = evidence->received - evidence->received_before;

	stats->received += evidence->received;
	if (evidence->restarts != stats->restarts)
		stats->sequenced = -1;
	if (evidence->restarts < stats->restarts)
		return;
	if (evidence->restarts > stats->restarts)
		merge_begin(stats, evidence);
	received += stats->span - (uint64_t)stats->net_missing;
	merge_span(stats, evidence);
	stats->highest_seq = stats->first_seq + (uint32_t)(stats->span - 1);
	stats->duplicate += evidence->duplicate;
	stats->reordered += evidence->reordered;
	stats->net_missing = (int64_t)(stats->span - received);
	stats->missing = stats->net_missing + (int64_t)stats->duplicate;
	if (stats->sequenced >= 0)
		stats->sequenced = stats->first_seq != 0 || stats->span > 1 ||
				   stats->restarts > 0 || stats->received == 1;
}

/*
 * A group that is evicted and comes back while this reads may be met twice:
 * then both parts of it count, as if they were two queues'.
 */
void sequence_merge(const struct sequence_table *table,
		    struct sequence_groups *merged)
{
	/* (F) pairs with (E) in table_enter. */
	uint32_t count =
		atomic_load_explicit(&table->count, memory_order_acquire);
	struct evidence evidence;

	for (uint32_t place = 1; place <= count; place++) {
		struct psr_group_stats *stats;

		if (!sequence_read(&table->sequences[place], &evidence))
			continue;
		stats = merged_of(merged, &evidence);
		if (stats)
			merge(stats, &evidence);
	}
}
