/* SPDX-License-Identifier: MIT */
/*
 * Pictures are of two forms: a bar for each row, or a line for each reader.
 * What each shows stands in a table; a picture whose scenario was not measured
 * is left out. A reader has one colour in all pictures.
 *
 * Data and script are two files that stay, so that others can draw again. A
 * name that was read from a file gets into the data only, in quotes and without
 * any character that could mean something there.
 */
#include "picture.h"

#include "sheet.h"

static bool starts_picture(const struct sheet *sheet, const struct result *row)
{
	for (const struct result *r = sheet->results->rows; r < row; r++)
		if (sheet_share_picture(sheet, r, row))
			return false;
	return sheet_share_picture(sheet, row, row);
}

static void draw_picture(struct sheet *sheet, struct picture *ret_picture)
{
	const struct picture_kind *kind = sheet->kind;
	uint32_t rate = sheet->first->params.rate;

	ret_picture->scenario = kind->scenario;
	ret_picture->caption = kind->caption;
	snprintf(ret_picture->title, TEXT_BYTES, "%s", kind->title);
	snprintf(ret_picture->file, TEXT_BYTES, "%s.svg", kind->name);
	if (kind->each_rate) {
		snprintf(ret_picture->title, TEXT_BYTES, "%s at %u samples/s",
			 kind->title, rate);
		snprintf(ret_picture->file, TEXT_BYTES, "%s-%u.svg", kind->name,
			 rate);
	}
	fprintf(sheet->script,
		"\nreset\nset output \"%s\"\nset title \"%s\"\n"
		"set border 3\nset grid lc rgb \"#dddddd\" lt 1\n"
		"set tics nomirror\n"
		"set key below Left reverse height 1 width -1 samplen 2\n",
		ret_picture->file, ret_picture->title);
	if (kind->form == BARS)
		sheet_draw_bars(sheet);
	else
		sheet_draw_lines(sheet);
}

/* The first row of the picture with the next rate; NULL after the last. */
static const struct result *next_first(const struct sheet *sheet)
{
	const struct result *next = NULL;

	for (const struct result *r = sheet->results->rows; r < sheet->end; r++)
		if (starts_picture(sheet, r) &&
		    (!sheet->first ||
		     r->params.rate > sheet->first->params.rate) &&
		    (!next || r->params.rate < next->params.rate))
			next = r;
	return next;
}

void pictures_write(const struct results *results, FILE *script, FILE *data,
		    struct pictures *ret_pictures)
{
	struct sheet sheet = {
		.results = results,
		.end = results->rows + results->count,
		.script = script,
		.data = data,
	};

	ret_pictures->count = 0;
	fputs("data = \"" PICTURE_DATA "\"\n", script);
	for (uint32_t i = 0; i < PICTURE_KINDS; i++) {
		sheet.kind = &picture_kinds[i];
		sheet.first = NULL;
		while (ret_pictures->count < PICTURES_MAX &&
		       (sheet.first = next_first(&sheet)))
			draw_picture(
				&sheet,
				&ret_pictures->list[ret_pictures->count++]);
	}
}
