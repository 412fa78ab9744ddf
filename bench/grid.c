/* SPDX-License-Identifier: MIT */
/* A column is as wide as its widest cell. */
#include "grid.h"

#include <string.h>

static int width_of(const struct grid *grid, uint32_t column)
{
	size_t width = 0;

	for (uint32_t row = 0; row < grid->rows; row++) {
		size_t len = strlen(grid->cells[row][column]);

		width = len > width ? len : width;
	}
	return (int)width;
}

static void print_row(const struct grid *grid, uint32_t row, bool markdown,
		      FILE *stream)
{
	for (uint32_t column = 0; column < grid->columns; column++) {
		const char *text = grid->cells[row][column];
		int width = markdown ? 0 : width_of(grid, column);

		fputs(markdown ? "| " : "  ", stream);
		fprintf(stream, column == 0 ? "%-*s" : "%*s", width, text);
		if (markdown)
			fputc(' ', stream);
	}
	fputs(markdown ? "|\n" : "\n", stream);
}

void grid_print(const struct grid *grid, bool markdown, FILE *stream)
{
	for (uint32_t row = 0; row < grid->rows; row++) {
		print_row(grid, row, markdown, stream);
		if (row > 0 || !markdown)
			continue;
		for (uint32_t i = 0; i < grid->columns; i++)
			fputs(i == 0 ? "|---" : "|--:", stream);
		fputs("|\n", stream);
	}
}
