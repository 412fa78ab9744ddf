/* SPDX-License-Identifier: MIT */
/* A bar for each row. */
#include "sheet.h"

static void write_bar(const struct sheet *sheet, const struct result *row,
		      double place, const char *reader)
{
	const struct figures *figures = &row->figures[sheet->kind->metric];
	const struct metric_kind *metric = &metric_kinds[sheet->kind->metric];
	double median = figures_median(figures) * metric->scale;
	double lost = 0;
	char text[PARAMS_TEXT];

	if (sheet->kind->metric == METRIC_RATE && row->received)
		lost = (double)row->lost / (double)row->received;
	fprintf(sheet->data, "%g %.9g %.9g %.9g %.9g %u %d ", place, median,
		figures_min(figures) * metric->scale,
		figures_max(figures) * metric->scale, median * lost,
		sheet_colour(sheet_reader(sheet, row->reader)),
		row->invalid[0] != '\0');
	sheet_write_label(sheet, reader, params_text(&row->params, text));
	fprintf(sheet->data, " \"%.*f", metric->decimals, median);
	if (lost > 0)
		fprintf(sheet->data, ", lost %.2g %%", lost / (1 + lost) * 100);
	fputs("\"\n", sheet->data);
}

/* A reader's bars stand together, the first of them with its name. */
static double write_bars(struct sheet *sheet)
{
	double place = 0;

	for (const struct result *row = sheet->first; row < sheet->end; row++) {
		if (!sheet_starts_line(sheet, row))
			continue;
		place -= 0.5;
		for (const struct result *r = row; r < sheet->end; r++)
			if (sheet_share_line(sheet, row, r))
				write_bar(sheet, r, place -= 1,
					  r == row ? r->reader : "");
	}
	sheet->blocks++;
	fputs("\n\n", sheet->data);
	return place;
}

void sheet_draw_bars(struct sheet *sheet)
{
	uint32_t block = sheet->blocks;
	double place = write_bars(sheet);

	fprintf(sheet->script,
		"set terminal svg size 600,%.0f " TERMINAL_STYLE "\n"
		"set xlabel \"%s\"\n"
		"set border 2\n"
		"set rmargin 20\n"
		"unset key\n"
		"unset grid\n"
		"unset xtics\n"
		"set ytics scale 0\n"
		"set xrange [0:*]\n"
		"set yrange [%g:0]\n"
		"plot data index %u using ($7==0 ? 0 : NaN):1:(0):2:"
		"($1-0.4):($1+0.4):6 with boxxyerror fs solid noborder "
		"lc rgb variable, \\\n"
		" '' index %u using ($7==1 ? 0 : NaN):1:(0):2:"
		"($1-0.4):($1+0.4):6 with boxxyerror fs empty "
		"lc rgb variable, \\\n"
		" '' index %u using ($5>0 ? $2 : NaN):1:2:($2+$5):"
		"($1-0.4):($1+0.4) with boxxyerror fs pattern 4 "
		"lc rgb \"#404040\", \\\n"
		" '' index %u using 2:1:3:4 with xerrorbars pt -1 "
		"lc rgb \"#404040\", \\\n"
		" '' index %u using ($4>$2+$5 ? $4 : $2+$5):1:9:ytic(8) "
		"with labels left offset 0.7,0\n",
		70 - place * 22, sheet->kind->unit, place - 0.8, block, block,
		block, block, block);
}
