/* SPDX-License-Identifier: MIT */
/*
 * What psring stat draws on: text in its place, in a colour or what stands for it
 * without. What the right end has no room for is left out.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include "options.h"
#include "reading.h"

#include <ncurses.h>
#include <stdbool.h>

/* Columns of the tables of groups and interfaces. */
enum screen_column {
	COLUMN_NAME,
	COLUMN_SAMPLES,
	COLUMN_PACKETS,
	COLUMN_TRAFFIC,
	COLUMN_ERROR,
	COLUMN_TOTAL,
	COLUMNS,
};

/* What whoever watches has chosen, and what their terminal can do. */
struct screen_view {
	const struct options *options;
	enum meter_kind kind; /* of the table, where one has room */
	enum screen_column sort;
	uint32_t first; /* line of the table, from the top */
	bool is_paused;
	bool has_help;
	bool has_colours;
	bool has_utf8;
	const char *message; /* ""; or what was told last */
};

/* Colour pairs; 0 is the terminal's own. */
enum canvas_pair {
	PAIR_GOOD = 1,
	PAIR_WARN,
	PAIR_BAD,
	PAIR_HEAD,
	PAIR_NAME,
};

/* A picture in the making: the next free row, and what there is to know. */
struct canvas {
	const struct screen_view *view;
	const struct reading *reading;
	int row;
};

/* Once the screen is open. Return: whether it has colours. */
bool canvas_open_colours(void);

attr_t canvas_attribute(const struct canvas *canvas, enum canvas_pair pair);

/*
 * Of @format's words, those that two spaces set apart from the others are put
 * whole or not at all.
 */
__attribute__((format(printf, 4, 5))) void
canvas_put(int row, int col, attr_t attributes, const char *format, ...);

/* A row of a head's colour, for its words. */
void canvas_band(const struct canvas *canvas, int row, int col, int width);

#endif /* CANVAS_H */
