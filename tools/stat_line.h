/* SPDX-License-Identifier: MIT */
/* A line a second: what has happened since the last, and how far loss is. */
#ifndef STAT_LINE_H
#define STAT_LINE_H

#include "psring.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero at first. */
struct stat_lines {
	uint64_t received[PSR_QUEUES_MAX]; /* at the last line */
	uint64_t elapsed_ns;		   /* likewise */
	uint32_t count;
};

void stat_line_write(struct stat_lines *lines, struct psr *psr,
		     const struct psr_info *info, uint64_t elapsed_ns,
		     bool json);

#endif /* STAT_LINE_H */
