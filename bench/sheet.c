/* SPDX-License-Identifier: MIT */
#include "sheet.h"

#include <ctype.h>
#include <string.h>

/* M. Okabe and K. Ito's colours, less the yellow that white swallows. */
static const uint32_t palette[] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
				    0xe69f00, 0x56b4e9, 0x000000, 0x999999 };

#define COLOURS (sizeof(palette) / sizeof(palette[0]))

static bool fits(const struct sheet *sheet, const struct result *row)
{
	const struct picture_kind *kind = sheet->kind;
	const struct figures *figures = &row->figures[kind->metric];

	return strcmp(row->scenario, kind->scenario) == 0 && figures->count &&
	       (kind->form != LINES ||
		param(&row->params, kind->along) != PARAM_ABSENT) &&
	       (!kind->logarithmic || figures_median(figures) > 0);
}

bool sheet_share_picture(const struct sheet *sheet, const struct result *a,
			 const struct result *b)
{
	return fits(sheet, a) && fits(sheet, b) &&
	       (!sheet->kind->each_rate || a->params.rate == b->params.rate);
}

bool sheet_share_line(const struct sheet *sheet, const struct result *a,
		      const struct result *b)
{
	uint32_t split = sheet->kind->split;

	return sheet_share_picture(sheet, a, b) &&
	       strcmp(a->reader, b->reader) == 0 &&
	       (split == BY_NONE ||
		param(&a->params, split) == param(&b->params, split));
}

bool sheet_starts_line(const struct sheet *sheet, const struct result *row)
{
	for (const struct result *r = sheet->first; r < row; r++)
		if (sheet_share_line(sheet, r, row))
			return false;
	return sheet_share_picture(sheet, sheet->first, row);
}

uint32_t sheet_reader(const struct sheet *sheet, const char *reader)
{
	const struct result *row = sheet->results->rows;
	uint32_t number = 0;

	for (; strcmp(row->reader, reader) != 0; row++) {
		const struct result *r = sheet->results->rows;

		while (strcmp(r->reader, row->reader) != 0)
			r++;
		number += r == row;
	}
	return number;
}

uint32_t sheet_colour(uint32_t reader)
{
	return palette[reader % COLOURS];
}

void sheet_write_label(const struct sheet *sheet, const char *reader,
		       const char *text)
{
	FILE *data = sheet->data;

	fputc('"', data);
	for (; *reader; reader++)
		fputc(isalnum((unsigned char)*reader) || strchr("_-.+", *reader)
			      ? *reader
			      : '?',
		      data);
	fprintf(data, "%s%s\"", *text ? "  " : "", text);
}
