/* SPDX-License-Identifier: MIT */
/* What the results come to: a sentence for each comparison. */
#ifndef SENTENCE_H
#define SENTENCE_H

#include "results.h"

#include <stdio.h>

/* Those about @scenario, each a line that begins with @lead. */
void sentence_print(const struct results *results, const char *scenario,
		    const char *lead, FILE *stream);

#endif /* SENTENCE_H */
