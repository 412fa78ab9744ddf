/* SPDX-License-Identifier: MIT */
/*
 * The machine, and what else happens on it: what disturbs a measurement.
 */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H

#include "results.h"

#include <stdint.h>

/* Since some moment, all CPUs together. */
struct load {
	uint64_t steal_ns; /* taken by the hypervisor */
	uint64_t other_ns; /* used, but not by this process */
};

void surroundings_describe(struct machine *ret_machine);

void surroundings_load(struct load *ret_load);

/* The fullest receive queue, in bytes, of this network's @protocol sockets. */
uint64_t surroundings_queued(int protocol);

/*
 * Resident memory of this process, in bytes; 0: the kernel does not tell. What
 * is mapped twice, as BPF rings are, counts once: Pss, not Rss.
 */
uint64_t surroundings_resident(void);

#endif /* SURROUNDINGS_H */
