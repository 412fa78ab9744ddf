/* SPDX-License-Identifier: MIT */
/* Cells of text in columns, for a terminal or for Markdown. */
#ifndef GRID_H
#define GRID_H

#include "results.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define GRID_COLUMNS 12
#define GRID_ROWS    1025
#define GRID_BYTES   (NAME_BYTES + PARAMS_TEXT)

struct grid {
	uint32_t rows; /* the first is the heading */
	uint32_t columns;
	char cells[GRID_ROWS][GRID_COLUMNS][GRID_BYTES];
};

/* The first column to the left, the others to the right. */
void grid_print(const struct grid *grid, bool markdown, FILE *stream);

#endif /* GRID_H */
