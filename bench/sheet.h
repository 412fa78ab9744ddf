/* SPDX-License-Identifier: MIT */
/* A picture that is being written: whose rows it shows, and where it goes. */
#ifndef SHEET_H
#define SHEET_H

#include "picture_kind.h"
#include "results.h"

#include <stdio.h>

/* Any sans-serif that is there; no name of a reader is markup. */
#define TERMINAL_STYLE "noenhanced font \"sans-serif,13\" background \"white\""

struct sheet {
	const struct results *results;
	const struct result *end; /* of its rows */
	const struct picture_kind *kind;
	const struct result *first; /* row of the picture */
	FILE *script;
	FILE *data;
	uint32_t blocks; /* of data, of all pictures so far */
};

/* Whether two rows are in the same picture. */
bool sheet_share_picture(const struct sheet *sheet, const struct result *a,
			 const struct result *b);
/* Whether they are on the same line of it, or among the bars of one reader. */
bool sheet_share_line(const struct sheet *sheet, const struct result *a,
		      const struct result *b);
/* Whether no row before it is on its line. */
bool sheet_starts_line(const struct sheet *sheet, const struct result *row);

/* The readers are numbered as they appear in the results. */
uint32_t sheet_reader(const struct sheet *sheet, const char *reader);
uint32_t sheet_colour(uint32_t reader);

/*
 * Writes the name of @reader, which may be from a file, in quotes and without
 * any character that could mean something there, and @text behind it.
 */
void sheet_write_label(const struct sheet *sheet, const char *reader,
		       const char *text);

void sheet_draw_bars(struct sheet *sheet);
void sheet_draw_lines(struct sheet *sheet);

#endif /* SHEET_H */
