/* SPDX-License-Identifier: MIT */
/* What psring stress tells at its end, on standard output. */
#ifndef STRESS_REPORT_H
#define STRESS_REPORT_H

#include "chaos.h"
#include "cost.h"
#include "limit.h"
#include "options.h"

struct stress_report {
	const struct options *options;
	int argc;
	char **argv;
	struct balance balance;
	struct cost cost;
	struct limit limit; /* of --max */
	struct chaos chaos; /* of --chaos */
	uint64_t seed;
};

/* Return: an exit status. */
int stress_report_write(const struct stress_report *report);

#endif /* STRESS_REPORT_H */
