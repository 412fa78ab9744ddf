/* SPDX-License-Identifier: MIT */
/*
 * What samples take of a receive buffer, or of the ring of transport bpf: so
 * how many it holds, and for how long at a given rate.
 */
#ifndef CHARGE_H
#define CHARGE_H

#include "psring.h"

/*
 * Bytes of psr_info.rcvbuf_bytes that a message of the average size in @stats
 * takes; 0: nothing was received yet, or the kernel does not say. Makes a few
 * system calls.
 */
double charge_of_sample(const struct psr_info *info,
			const struct psr_stats *stats);

#endif /* CHARGE_H */
