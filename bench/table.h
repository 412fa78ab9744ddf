/* SPDX-License-Identifier: MIT */
/* The results as tables: a few for each scenario, with what spoils them. */
#ifndef TABLE_H
#define TABLE_H

#include "results.h"

#include <stdio.h>

/* All tables of @scenario, and the remarks about its rows. */
void table_print(const struct results *results, const char *scenario,
		 bool markdown, FILE *stream);

#endif /* TABLE_H */
