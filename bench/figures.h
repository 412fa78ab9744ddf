/* SPDX-License-Identifier: MIT */
/* One figure of several rounds: median, minimum and maximum. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdint.h>

#define ROUNDS_MAX 101

struct figures {
	double values[ROUNDS_MAX];
	uint32_t count;
};

void figures_add(struct figures *figures, double value);
double figures_median(const struct figures *figures);

/* "median [min .. max]", right-aligned; the buffer is the caller's. */
#define FIGURES_TEXT 64
const char *figures_text(const struct figures *figures, int decimals,
			 char text[FIGURES_TEXT]);

#endif /* FIGURES_H */
