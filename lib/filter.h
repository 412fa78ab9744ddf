/* SPDX-License-Identifier: MIT */
/*
 * The socket filter of one queue: classic BPF that runs in the sender's
 * context, once per socket and sample, before anything is queued.
 */
#ifndef FILTER_H
#define FILTER_H

#include "psring.h"

#include <linux/filter.h>

/* The wanted groups, and room for all else: filter.c asserts that it fits. */
#define FILTER_LENGTH_MAX (PSR_WANTED_MAX + 72)

struct filter {
	struct sock_filter code[FILTER_LENGTH_MAX];
	uint16_t length;
};

/* The filter of queue @index of @config->queue_count. */
void filter_build(struct filter *ret_filter, const struct psr_config *config,
		  uint32_t index);

#endif /* FILTER_H */
