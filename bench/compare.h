/* SPDX-License-Identifier: MIT */
/* What has become better or worse between two runs of psring-bench. */
#ifndef COMPARE_H
#define COMPARE_H

#include "results.h"

#include <stdint.h>
#include <stdio.h>

/*
 * Print a line for each main metric of each of psring's rows that both have,
 * and a summary.
 *
 * Return: 0; -EINVAL if one is of a quick run, which is told and nothing is
 * judged; -ENOMEM. Whether @stream took it all is for the caller to ask.
 */
int compare_print(const struct results *before, const struct results *after,
		  FILE *stream, uint32_t *ret_regressed);

#endif /* COMPARE_H */
