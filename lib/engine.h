/* SPDX-License-Identifier: MIT */
/* The engine: all queues, and the ingests that drive them. */
#ifndef ENGINE_H
#define ENGINE_H

#include "control.h"
#include "ingest.h"
#include "program.h"

struct psr {
	struct psr_config config;
	struct psr_info info;
	struct psr_queue *queues; /* [config.queue_count] */
	struct ingest *ingests;	  /* [ingest_count] */
	uint32_t ingest_count;
	struct sender sender;
	struct program program; /* transport bpf */
	struct family family;	/* FAMILY_ANY, FAMILY_NONE, or psample's */
	int watch_fd;		/* source psample: membership.c; else -1 */
	bool is_member;
	counter interruptions;
	int netns_fd; /* in psr_open, where config.netns is; else -1 */
	int fence_fd; /* for the next psr_stop */
	int stops;    /* number of the last psr_stop */
};

#endif /* ENGINE_H */
