/* SPDX-License-Identifier: MIT */
/* Reading the engine's counters, the meter and the threads. */
#include "reading.h"

#include <stdio.h>
#include <string.h>

#define SECOND_NS 1e9

static uint64_t handovers(const struct psr_stats *stats)
{
	uint64_t sum = 0;

	for (int i = 0; i < PSR_BATCH_BUCKETS; i++)
		sum += stats->batches[i];
	return sum;
}

static void read_queue(struct reading_queue *queue, const struct psr_stats *now,
		       double passed_s)
{
	const struct psr_stats *before = &queue->stats;
	double received = (double)(now->received - before->received);
	uint64_t batches = handovers(now) - handovers(before);

	queue->in_per_s = received / passed_s;
	queue->out_per_s =
		(double)(now->delivered - before->delivered) / passed_s;
	queue->lost_per_s =
		(double)(reading_lost(now) - reading_lost(before)) / passed_s;
	queue->wakeups_per_s =
		(double)(now->wakeups - before->wakeups) / passed_s;
	queue->batch = batches ? received / (double)batches : 0;
	queue->stats = *now;
}

/* What is told of all queues together. */
static void add(struct psr_stats *total, const struct psr_stats *queue)
{
	total->received += queue->received;
	total->delivered += queue->delivered;
	total->pending += queue->pending;
	total->malformed += queue->malformed;
	total->foreign += queue->foreign;
	total->lost_socket += queue->lost_socket;
	total->lost_ring += queue->lost_ring;
	total->bytes += queue->bytes;
	total->wakeups += queue->wakeups;
	for (int i = 0; i < PSR_BATCH_BUCKETS; i++)
		total->batches[i] += queue->batches[i];
}

/*
 * 1 in so many came of what was for a queue. Another queue's loss says nothing of
 * it: they share the stream by group, interface or flow. What came is what was
 * delivered, for the meter counts no other; where that is nothing, what was lost
 * counts for the next that comes: a consumer that is held up loses samples, and
 * gets later what it has in the queue.
 */
static double correction(struct reading_queue *queue)
{
	uint64_t delivered = queue->stats.delivered, lost;
	double came = (double)(delivered - queue->corrected_delivered);

	if (came == 0)
		return 1;
	lost = reading_lost(&queue->stats) - queue->corrected_lost;
	queue->corrected_delivered = delivered;
	queue->corrected_lost += lost;
	return (came + (double)lost) / came;
}

static void read_latency(struct reading *reading)
{
	static struct histogram before; /* too large for a stack */

	memcpy(&before, &reading->latency_ns, sizeof(before));
	memset(&reading->latency_ns, 0, sizeof(before));
	for (uint32_t i = 0; i < reading->info.queue_count; i++)
		histogram_merge(&reading->latency_ns,
				meter_latency(reading->meter, i));
	histogram_since(&reading->latency_ns, &before,
			&reading->latency_since_ns);
}

void reading_take(struct reading *reading, const struct psr_info *info,
		  const struct psr_stats *queues, uint64_t elapsed_ns)
{
	double passed_s =
		(double)(elapsed_ns - reading->elapsed_ns) / SECOND_NS;
	struct psr_stats total = { 0 };

	reading->info = *info;
	reading->elapsed_ns = elapsed_ns;
	reading->passed_s = passed_s;
	for (uint32_t i = 0; i < info->queue_count; i++) {
		read_queue(&reading->queues[i], &queues[i], passed_s);
		add(&total, &queues[i]);
	}
	read_queue(&reading->total, &total, passed_s);
	threads_read(&reading->threads, passed_s);
	if (reading->interfaces)
		interfaces_tick(reading->interfaces);
	meter_begin(&reading->lines);
	for (uint32_t i = 0; i < reading->info.queue_count; i++)
		meter_look(reading->meter, i, correction(&reading->queues[i]),
			   &reading->lines);
	read_latency(reading);
}

const char *reading_interface(const struct reading *reading, int32_t nsid,
			      uint32_t ifindex, char name[IF_NAMESIZE])
{
	const char *known = NULL;

	if (reading->interfaces && nsid == PSR_NSID_OWN)
		known = interfaces_name(reading->interfaces, ifindex);
	if (known)
		snprintf(name, IF_NAMESIZE, "%s", known);
	else
		snprintf(name, IF_NAMESIZE, "#%u", ifindex);
	return name;
}
