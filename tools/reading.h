/* SPDX-License-Identifier: MIT */
/*
 * A reading: all that psring stat knows of a run at one moment, and what has
 * happened since the reading before. What shows it, a screen or a page of
 * metrics, looks at nothing else.
 */
#ifndef READING_H
#define READING_H

#include "interfaces.h"
#include "meter.h"
#include "psring.h"
#include "threads.h"

struct reading_queue {
	struct psr_stats stats;
	/* Since the reading before. */
	double in_per_s;  /* received */
	double out_per_s; /* delivered */
	double lost_per_s;
	double wakeups_per_s;
	double batch; /* datagrams to a hand-over, on average; 0: none */
	/* When estimates were corrected by them. */
	uint64_t corrected_delivered;
	uint64_t corrected_lost;
};

struct reading {
	struct meter *meter;	       /* set before the first reading */
	struct interfaces *interfaces; /* likewise; NULL: they have no names */
	struct psr_info info;
	uint64_t elapsed_ns; /* of the run */
	double passed_s;     /* since the reading before */
	struct reading_queue total;
	struct reading_queue queues[PSR_QUEUES_MAX];
	struct threads threads;
	struct meter_lines lines;
	struct histogram latency_ns; /* of the run */
	struct histogram latency_since_ns;
};

static inline uint64_t reading_lost(const struct psr_stats *stats)
{
	return stats->lost_socket + stats->lost_ring;
}

/* @queues: [info->queue_count] of them, as they are now */
void reading_take(struct reading *reading, const struct psr_info *info,
		  const struct psr_stats *queues, uint64_t elapsed_ns);

/*
 * What an interface is called; #7 where it has no name here, as in another
 * network namespace. Return: @name
 */
const char *reading_interface(const struct reading *reading, int32_t nsid,
			      uint32_t ifindex, char name[IF_NAMESIZE]);

#endif /* READING_H */
