/* SPDX-License-Identifier: MIT */
/*
 * What it takes to hand a view to a thread on another CPU, with nothing else:
 * it is written whole, read, and its slot comes back. psring's ring against
 * two of Concurrency Kit, and a bare cache line: what the machine gives.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "psring.h"

#include <stdbool.h>
#include <stdint.h>

#define HANDOVER_SLOTS 2048

/* The CPUs of the two threads, for all that follows. */
void handover_pin(int producer_cpu, int consumer_cpu);

/*
 * @batch: views handed over at once, 1 to HANDOVER_SLOTS
 * @views: how many in all
 * @ret_ns: wall time per view
 * Return: 0; -EBADMSG: a view came twice, out of order or not at all (for a
 * last one it waits); another negative errno: no such CPU, or no thread.
 */
int handover_psring(uint32_t batch, uint32_t views, double *ret_ns);

/* The views are in the ring. It hands over one at a time, whatever @batch. */
int handover_ck(uint32_t batch, uint32_t views, double *ret_ns);

/* Likewise, but the ring holds pointers to them. */
int handover_ck_pointers(uint32_t batch, uint32_t views, double *ret_ns);

/* @ret_ns: what a cache line takes to the other CPU and back */
int handover_line(double *ret_ns);

/* For those who add a ring: what its two threads do. */
struct handover {
	void (*produce)(uint32_t batch, uint32_t views);
	/* Return: whether each view came once and in order. */
	bool (*consume)(uint32_t batch, uint32_t views);
};

int handover_run(const struct handover *handover, uint32_t batch,
		 uint32_t views, double *ret_ns);

/* The producer's work on a view: all its 64 bytes. */
static inline void handover_write(struct psr_view *slot, uint32_t number)
{
	*slot = (struct psr_view){ .timestamp_ns = number,
				   .group_seq = number };
}

/*
 * The consumer's: whether it is number *@expected, and intact. The next is
 * expected behind what came, so that a lost view is missed only once.
 */
static inline bool handover_read(const struct psr_view *view,
				 uint32_t *expected)
{
	bool whole = (view->timestamp_ns == *expected) &
		     (view->group_seq == *expected);

	*expected = view->group_seq + 1;
	return whole;
}

#endif /* HANDOVER_H */
