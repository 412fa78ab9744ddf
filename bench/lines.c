/* SPDX-License-Identifier: MIT */
/* A line for each reader, and for each value of what splits its line. */
#include "sheet.h"

#define MARKERS 6 /* gnuplot's filled ones: 5, 7, ... */
#define DASHES	5

static const char *const axes[PARAMS] = {
	[PARAM_RATE] = "samples per second",
	[PARAM_SIZE] = "bytes of packet in a sample",
	[PARAM_QUEUES] = "queues",
	[PARAM_WAIT_US] = "wait_us",
};

/* x, then median, minimum and maximum, and whether it is not valid. */
static void write_point(const struct sheet *sheet, const struct result *row,
			enum metric metric, uint32_t x)
{
	const struct figures *figures = &row->figures[metric];
	double scale = metric_kinds[metric].scale;
	double median = figures_median(figures);
	double low = figures_min(figures);

	if (sheet->kind->logarithmic && median <= 0)
		return;
	if (sheet->kind->logarithmic && low <= 0)
		low = median;
	fprintf(sheet->data, "%u %.9g %.9g %.9g %d\n", x, median * scale,
		low * scale, figures_max(figures) * scale,
		row->invalid[0] != '\0');
}

static const char *split_text(const struct picture_kind *kind,
			      const struct result *row, char text[PARAMS_TEXT])
{
	struct params split = params_none;

	if (kind->split != BY_NONE)
		*param_at(&split, kind->split) =
			param(&row->params, kind->split);
	return params_text(&split, text);
}

/* Of the rows on one line, that which waits least. */
static void write_percentiles(const struct sheet *sheet,
			      const struct result *row)
{
	const struct result *least = row;

	for (const struct result *r = row; r < sheet->end; r++)
		if (sheet_share_line(sheet, row, r) &&
		    r->params.wait_us < least->params.wait_us)
			least = r;
	for (uint32_t i = METRIC_LATENCY_P50; i <= METRIC_LATENCY_MAX; i++)
		write_point(sheet, least, (enum metric)i,
			    i - METRIC_LATENCY_P50);
}

/* A block of data that begins with the name in the legend. */
static void write_line(struct sheet *sheet, const struct result *row)
{
	const struct picture_kind *kind = sheet->kind;
	char text[PARAMS_TEXT];

	sheet_write_label(sheet, row->reader, split_text(kind, row, text));
	fputc('\n', sheet->data);
	if (kind->form == PERCENTILES)
		write_percentiles(sheet, row);
	for (const struct result *r = row; r < sheet->end; r++)
		if (kind->form == LINES && sheet_share_line(sheet, row, r))
			write_point(sheet, r, kind->metric,
				    param(&r->params, kind->along));
	fputs("\n\n", sheet->data);
	sheet->blocks++;
}

/*
 * The x axis is logarithmic, but has a place for 0, and a tic for each value
 * that was measured.
 */
static void draw_x_axis(const struct sheet *sheet)
{
	const struct picture_kind *kind = sheet->kind;

	fprintf(sheet->script, "set xtics ()\nset xlabel \"%s\"\n%s\n",
		kind->form == LINES ? axes[kind->along] : "percentile",
		kind->form == LINES ? "x(v) = log10(v + 1)" : "x(v) = v");
	if (kind->form == PERCENTILES)
		for (uint32_t i = METRIC_LATENCY_P50; i <= METRIC_LATENCY_MAX;
		     i++)
			fprintf(sheet->script, "set xtics add (\"%s\" %u)\n",
				metric_kinds[i].percent,
				i - METRIC_LATENCY_P50);
	else
		for (const struct result *r = sheet->first; r < sheet->end; r++)
			if (sheet_share_picture(sheet, sheet->first, r))
				fprintf(sheet->script,
					"set xtics add (\"%u\" x(%u))\n",
					param(&r->params, kind->along),
					param(&r->params, kind->along));
}

static void draw_y_axis(const struct sheet *sheet, uint32_t block)
{
	fprintf(sheet->script, "set ylabel \"%s\"\n", sheet->kind->unit);
	if (!sheet->kind->logarithmic) {
		fputs("set yrange [0:*]\n", sheet->script);
		return;
	}
	fprintf(sheet->script,
		"stats data index %u:%u using 3:4 nooutput\n"
		"set logscale y\n"
		"unset mytics\n"
		"set yrange [STATS_min_x / 1.2:STATS_max_y * 1.2]\n"
		"set for [d=-6:9] ytics add (10.0**d, 2 * 10.0**d, "
		"5 * 10.0**d)\n",
		block, sheet->blocks - 1);
}

/* A colour and a marker for the reader, dashes for what splits its line. */
static void draw_line(const struct sheet *sheet, const struct result *row,
		      uint32_t block, const char *lead)
{
	uint32_t number = sheet_reader(sheet, row->reader);
	uint32_t dashes = 0;

	if (sheet->kind->split != BY_NONE &&
	    param(&row->params, sheet->kind->split) != PARAM_ABSENT)
		dashes = param(&row->params, sheet->kind->split) % DASHES;
	fprintf(sheet->script,
		"%sdata index %u using (x($1)):2:3:4 with yerrorlines lw 1.5 "
		"lc rgb \"#%06x\" dt %u pt %u title columnheader(1), \\\n"
		" '' index %u using (x($1)):($5==1 ? $2 : NaN) with points "
		"pt 7 ps 0.5 lc rgb \"white\" notitle",
		lead, block, sheet_colour(number), dashes + 1,
		5 + number % MARKERS * 2, block);
}

void sheet_draw_lines(struct sheet *sheet)
{
	uint32_t first = sheet->blocks;
	uint32_t block = first;

	for (const struct result *r = sheet->first; r < sheet->end; r++)
		if (sheet_starts_line(sheet, r))
			write_line(sheet, r);
	fputs("set terminal svg size 600,440 " TERMINAL_STYLE "\n"
	      "set offsets graph 0.03, graph 0.03\n",
	      sheet->script);
	draw_x_axis(sheet);
	draw_y_axis(sheet, first);
	for (const struct result *r = sheet->first; r < sheet->end; r++)
		if (sheet_starts_line(sheet, r)) {
			draw_line(sheet, r, block,
				  block == first ? "plot " : ", \\\n ");
			block++;
		}
	fputs("\n", sheet->script);
}
