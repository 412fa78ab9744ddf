/* SPDX-License-Identifier: MIT */
/*
 * Sequence evidence per sample group.
 *
 * The kernel counts a group's samples in 32 bits without a lock, from 0 when
 * the group is made (net/psample/psample.c: psample_sample_packet), so each
 * number is compared with the highest so far by its signed distance: ahead,
 * the same again, or behind. Queues see a share each, so what is missing can
 * only be told after merging them.
 */
#include "sequence.h"

#include <assert.h>
#include <stddef.h>

#define HASH_MULTIPLIER 2654435769u /* 2^32 / golden ratio */
#define HASH_SHIFT	21

static_assert(SEQUENCE_BUCKETS == 1u << (32 - HASH_SHIFT),
	      "the hash addresses every bucket");

static struct sequence *sequence_new(struct sequence_table *table,
				     const struct psr_view *view)
{
	uint32_t count =
		atomic_load_explicit(&table->count, memory_order_relaxed);
	struct sequence *sequence = &table->sequences[count];

	if (count == PSR_TRACKED_MAX)
		return NULL;
	sequence->group = view->group;
	sequence->first = view->group_seq;
	/* (A) pairs with (B) in sequence_merge. */
	atomic_store_explicit(&table->count, count + 1, memory_order_release);
	return sequence;
}

/* Twice as many buckets as groups: the search always meets a free one. */
static struct sequence *sequence_of(struct sequence_table *table,
				    const struct psr_view *view)
{
	uint32_t bucket = (view->group * HASH_MULTIPLIER) >> HASH_SHIFT;
	struct sequence *sequence;

	while (table->buckets[bucket] != 0) {
		sequence = &table->sequences[table->buckets[bucket] - 1];
		if (sequence->group == view->group)
			return sequence;
		bucket = (bucket + 1) % SEQUENCE_BUCKETS;
	}
	sequence = sequence_new(table, view);
	if (sequence)
		table->buckets[bucket] =
			(uint16_t)(sequence - table->sequences + 1);
	return sequence;
}

bool sequence_add(struct sequence_table *table, const struct psr_view *view)
{
	struct sequence *sequence = sequence_of(table, view);
	int32_t distance;
	uint64_t ahead;

	if (!sequence)
		return false;
	ahead = counter_read(&sequence->ahead);
	distance =
		(int32_t)(view->group_seq - sequence->first - (uint32_t)ahead);
	if (distance > 0)
		counter_add(&sequence->ahead, (uint64_t)distance);
	else if (distance < 0)
		counter_add(&sequence->reordered, 1);
	else if (counter_read(&sequence->received) > 0)
		counter_add(&sequence->duplicate, 1);
	counter_add(&sequence->received, 1);
	atomic_store_explicit(&sequence->rate, view->rate,
			      memory_order_relaxed);
	atomic_store_explicit(&sequence->probability,
			      view->fields & PSR_FIELD_PROBABILITY,
			      memory_order_relaxed);
	return true;
}

static struct psr_group_stats *merged_of(struct sequence_groups *merged,
					 const struct sequence *sequence)
{
	struct psr_group_stats *stats;

	for (uint32_t i = 0; i < merged->count; i++)
		if (merged->groups[i].group == sequence->group)
			return &merged->groups[i];
	if (merged->count == merged->max)
		return NULL;

	stats = &merged->groups[merged->count++];
	*stats = (struct psr_group_stats){ .group = sequence->group,
					   .first_seq = sequence->first,
					   .span = 1 };
	return stats;
}

static void merge_span(struct psr_group_stats *stats,
		       const struct sequence *sequence)
{
	int32_t later = (int32_t)(sequence->first - stats->first_seq);
	uint64_t span = counter_read(&sequence->ahead) + 1;

	if (later < 0) {
		stats->first_seq = sequence->first;
		stats->span += (uint32_t)0 - (uint32_t)later;
	} else {
		span += (uint64_t)later;
	}
	if (span < stats->span)
		return;
	/* The highest number so far is the newest sample. */
	stats->span = span;
	stats->rate =
		atomic_load_explicit(&sequence->rate, memory_order_relaxed);
	stats->probability = atomic_load_explicit(&sequence->probability,
						  memory_order_relaxed) != 0;
}

static void merge(struct psr_group_stats *stats,
		  const struct sequence *sequence)
{
	merge_span(stats, sequence);
	stats->highest_seq = stats->first_seq + (uint32_t)(stats->span - 1);
	stats->received += counter_read(&sequence->received);
	stats->duplicate += counter_read(&sequence->duplicate);
	stats->reordered += counter_read(&sequence->reordered);
	stats->net_missing = (int64_t)(stats->span - stats->received);
	stats->sequenced = stats->first_seq != 0 || stats->span > 1 ||
			   stats->received == 1;
}

void sequence_merge(const struct sequence_table *table,
		    struct sequence_groups *merged)
{
	/* (B) pairs with (A) in sequence_new. */
	uint32_t count =
		atomic_load_explicit(&table->count, memory_order_acquire);

	for (uint32_t i = 0; i < count; i++) {
		struct psr_group_stats *stats =
			merged_of(merged, &table->sequences[i]);

		if (stats)
			merge(stats, &table->sequences[i]);
	}
}
