/* SPDX-License-Identifier: MIT */
/* Median, minimum and maximum of a few rounds: sorted on reading. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void figures_add(struct figures *figures, double value)
{
	if (figures->count < ROUNDS_MAX)
		figures->values[figures->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct figures sorted(const struct figures *figures)
{
	struct figures copy = *figures;

	qsort(copy.values, copy.count, sizeof(copy.values[0]), compare);
	return copy;
}

double figures_median(const struct figures *figures)
{
	struct figures order = sorted(figures);
	uint32_t middle = order.count / 2;

	if (order.count == 0)
		return 0;
	if (order.count % 2)
		return order.values[middle];
	return (order.values[middle - 1] + order.values[middle]) / 2;
}

const char *figures_text(const struct figures *figures, int decimals,
			 char text[FIGURES_TEXT])
{
	struct figures order = sorted(figures);

	snprintf(text, FIGURES_TEXT, "%9.*f [%.*f .. %.*f]", decimals,
		 figures_median(figures), decimals, order.values[0], decimals,
		 order.values[order.count - 1]);
	return text;
}
