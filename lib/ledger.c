/* SPDX-License-Identifier: MIT */
/*
 * The ledger: where every datagram is. Each counter has one writer and is read
 * here without a lock; what must add up is counted in different places, so
 * that the sums can fail.
 */
#include "engine.h"
#include "program.h"
#include "socket.h"

#include <string.h>

/*
 * The kernel counts drops in 32 bits: the difference since the last look is
 * added, so that a wrap does no harm, with fewer than 2^31 drops between two
 * looks. Several threads may look at once; a late one finds a difference that
 * is not positive.
 */
static uint64_t ledger_add_drops(struct psr_queue *queue, uint32_t drops)
{
	uint64_t lost = atomic_load(&queue->lost_socket);
	int32_t more;

	do {
		more = (int32_t)(drops - (uint32_t)lost);
		if (more <= 0)
			return lost;
	} while (!atomic_compare_exchange_weak(&queue->lost_socket, &lost,
					       lost + (uint32_t)more));
	return lost + (uint32_t)more;
}

/* Transport bpf has one for all, with the first queue, and nothing in it. */
static void ledger_socket(struct psr_queue *queue, struct psr_stats *stats)
{
	struct socket_usage usage;

	if (queue->fd < 0)
		return;
	usage = socket_usage(queue->fd);
	stats->lost_socket = ledger_add_drops(queue, usage.drops);
	stats->backlog_bytes = usage.used_bytes;
}

/*
 * The ring's cursors at one moment: nothing was delivered between the two looks
 * at it. (L) pairs with (K) in psr_queue_release: whoever sees a tail that went
 * on over a released slot also sees that slot as delivered, so that no more
 * than all slots are ever pending.
 */
static void ledger_ring(struct psr_queue *queue, uint64_t *ret_delivered,
			uint64_t *ret_pending)
{
	uint64_t delivered, again;
	uint32_t tail;

	again = atomic_load_explicit(&queue->delivered, memory_order_acquire);
	do {
		delivered = again;
		tail = atomic_load(&queue->ring.tail);
		again = atomic_load_explicit(&queue->delivered,
					     memory_order_acquire);
	} while (again != delivered);
	*ret_delivered = delivered;
	*ret_pending = tail - (uint32_t)delivered;
}

static void ledger_driver(struct psr_queue *queue, struct psr_stats *stats)
{
	if (queue->place != 0)
		return;
	stats->wakeups = counter_read(&queue->ingest->wakeups);
	stats->syscalls = counter_read(&queue->ingest->syscalls);
}

/*
 * What only the program knows. It counts a record before it can be taken, and
 * the taken ones are read first; but relaxed, and a weakly ordered CPU may see
 * a record taken that it does not yet see passed.
 */
static void ledger_program(struct psr_queue *queue, struct psr_stats *stats)
{
	int64_t left;

	if (!queue->counters)
		return;
	stats->lost_ring = program_count(&queue->counters->lost_ring);
	left = (int64_t)(program_count(&queue->counters->passed) -
			 stats->received);
	stats->left_in_socket = left > 0 ? left : 0;
	stats->backlog_bytes = ringbuf_used(&queue->ringbuf);
}

void psr_queue_stats(struct psr_queue *queue, struct psr_stats *ret_stats)
{
	struct psr_stats stats = {
		.malformed = counter_read(&queue->malformed),
		.foreign = counter_read(&queue->foreign),
		.forged = counter_read(&queue->forged),
		.truncated = counter_read(&queue->truncated),
		.trailing = counter_read(&queue->trailing),
		.userspace = counter_read(&queue->userspace),
		.evicted = counter_read(&queue->evicted),
		.stalls = counter_read(&queue->stalls),
		.arms = counter_read(&queue->arms),
		.left_in_socket = queue_state(queue) == QUEUE_ENDED ? 0 : -1,
	};

	ledger_socket(queue, &stats);
	ledger_driver(queue, &stats);
	for (uint32_t i = 0; i < PSR_BATCH_BUCKETS; i++)
		stats.batches[i] = counter_read(&queue->batches[i]);
	ledger_ring(queue, &stats.delivered, &stats.pending);
	stats.received = counter_read(&queue->received);
	stats.bytes = counter_read(&queue->bytes);
	ledger_program(queue, &stats);
	queue_note_backlog(queue, stats.backlog_bytes);
	stats.backlog_peak_bytes = atomic_load_explicit(&queue->backlog_peak,
							memory_order_relaxed);
	*ret_stats = stats;
}

static void ledger_add(struct psr_stats *sum, const struct psr_stats *stats)
{
	sum->received += stats->received;
	sum->delivered += stats->delivered;
	sum->pending += stats->pending;
	sum->malformed += stats->malformed;
	sum->foreign += stats->foreign;
	sum->lost_socket += stats->lost_socket;
	sum->lost_ring += stats->lost_ring;
	sum->bytes += stats->bytes;
	sum->backlog_bytes += stats->backlog_bytes;
	sum->backlog_peak_bytes += stats->backlog_peak_bytes;
	sum->truncated += stats->truncated;
	sum->trailing += stats->trailing;
	sum->userspace += stats->userspace;
	sum->forged += stats->forged;
	sum->evicted += stats->evicted;
	sum->stalls += stats->stalls;
	sum->arms += stats->arms;
	sum->wakeups += stats->wakeups;
	sum->syscalls += stats->syscalls;
	if (stats->left_in_socket < 0 || sum->left_in_socket < 0)
		sum->left_in_socket = -1;
	else
		sum->left_in_socket += stats->left_in_socket;
	for (uint32_t i = 0; i < PSR_BATCH_BUCKETS; i++)
		sum->batches[i] += stats->batches[i];
}

void psr_stats(struct psr *psr, struct psr_stats *ret_stats)
{
	struct psr_stats sum = { 0 };
	struct psr_stats stats;

	for (uint32_t i = 0; i < psr->config.queue_count; i++) {
		psr_queue_stats(&psr->queues[i], &stats);
		ledger_add(&sum, &stats);
	}
	sum.interruptions = counter_read(&psr->interruptions);
	*ret_stats = sum;
}

/* Numbers are missing on purpose: they are evidence of nothing. */
static void ledger_forget_sequence(struct psr_group_stats *group)
{
	*group = (struct psr_group_stats){
		.group = group->group,
		.rate = group->rate,
		.received = group->received,
		.probability = group->probability,
		.nsid = group->nsid,
	};
}

uint32_t psr_group_stats(const struct psr *psr,
			 struct psr_group_stats *ret_groups, uint32_t max)
{
	struct sequence_groups merged = { .groups = ret_groups, .max = max };

	for (uint32_t i = 0; i < psr->config.queue_count; i++)
		sequence_merge(psr->queues[i].sequences, &merged);
	for (uint32_t i = 0; i < merged.count && psr->config.thin > 1; i++)
		ledger_forget_sequence(&ret_groups[i]);
	return merged.count;
}
