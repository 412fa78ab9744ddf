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

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum form {
	BARS,
	LINES,
	PERCENTILES /* lines too, along the percentiles of latency */
};

#define BY_NONE PARAMS

struct picture_kind {
	const char *name; /* of its file */
	const char *scenario;
	enum form form;
	enum metric metric;
	const char *unit; /* of the metric, after scaling */
	uint32_t along;	  /* of LINES: parameter on the x axis */
	uint32_t split;	  /* of lines: parameter that makes another line */
	bool each_rate;	  /* a picture for each rate */
	bool logarithmic; /* the metric's axis */
	const char *title;
	const char *caption;
};

static const struct picture_kind kinds[] = {
	{ "flood-rate", "flood", BARS, METRIC_RATE, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Flood: samples delivered and lost",
	  "Samples that reach the consumer while the sender sends as fast as "
	  "it can; what was lost of them stands hatched behind. More is "
	  "better." },
	{ "flood-cpu", "flood", BARS, METRIC_CPU, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Flood: CPU of the receiving side",
	  "CPU time of all threads that receive, kernel's share included, for "
	  "each sample delivered. Less is better." },
	{ "kernel-rate", "kernel", BARS, METRIC_RATE, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Kernel: samples delivered and lost",
	  "Samples that the kernel's psample takes of packets in a veth pair, "
	  "flat out, and that reach the consumer; lost ones stand hatched "
	  "behind. More is better." },
	{ "kernel-cpu", "kernel", BARS, METRIC_CPU, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Kernel: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample that the "
	  "kernel's psample took. Less is better." },
	{ "rate-cpu", "rate", LINES, METRIC_CPU, "ns per sample", PARAM_RATE,
	  BY_NONE, false, true, "Pace: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, while the "
	  "sender keeps a pace. Less is better." },
	{ "rate-wakeups", "rate", LINES, METRIC_WAKEUPS, "wake-ups per sample",
	  PARAM_RATE, BY_NONE, false, true, "Pace: wake-ups",
	  "How often the receiving side was woken, for each sample. A reader "
	  "that never slept is not drawn. Less is better." },
	{ "latency", "latency", PERCENTILES, METRIC_LATENCY_P50, "us", BY_NONE,
	  PARAM_INGEST_THREADS, true, true, "Latency",
	  "Time from sending a sample to its consumer, each reader with the "
	  "smallest wait_us it was measured with. Less is better." },
	{ "latency-wait", "latency", LINES, METRIC_LATENCY_P99, "us, p99",
	  PARAM_WAIT_US, PARAM_INGEST_THREADS, true, true,
	  "Latency for wait_us",
	  "Latency that 99 of 100 samples keep within, against the time that "
	  "psring may collect before it wakes its consumer. Less is better." },
	{ "shards-sender", "shards", LINES, METRIC_SENDER_CPU, "ns per sample",
	  PARAM_QUEUES, PARAM_SHARD, false, false,
	  "Queues: CPU of the sending side",
	  "CPU time of the sender for each sample: each queue's socket adds "
	  "its filter to the kernel's multicast. Less is better." },
	{ "shards-receiver", "shards", LINES, METRIC_CPU, "ns per sample",
	  PARAM_QUEUES, PARAM_SHARD, false, false,
	  "Queues: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, shared out "
	  "among queues. Less is better." },
	{ "sizes-cpu", "sizes", LINES, METRIC_CPU, "ns per sample", PARAM_SIZE,
	  BY_NONE, false, false, "Sizes: CPU of the receiving side",
	  "CPU time of all threads that receive, for each sample, by how much "
	  "of its packet it carries. Less is better." },
	{ "max-ndr", "max", BARS, METRIC_NDR, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Highest rate without a loss (NDR)",
	  "The highest pace at which not one sample was lost. More is "
	  "better." },
	{ "max-pdr", "max", BARS, METRIC_PDR, "1000 samples/s", BY_NONE,
	  BY_NONE, false, false, "Highest rate with 0.5 % lost (PDR)",
	  "The highest pace at which at most 0.5 % of the samples were lost. "
	  "More is better." },
	{ "decode", "decode", BARS, METRIC_OPERATION, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Decoding a sample",
	  "Time to find all attributes of a message in memory, without a "
	  "kernel. Less is better." },
	{ "drain", "drain", BARS, METRIC_OPERATION, "ns per sample", BY_NONE,
	  BY_NONE, false, false, "Emptying a full queue",
	  "Time to receive, decode, read and release a sample that waits, in "
	  "one thread. Less is better." },
	{ "ring", "ring", BARS, METRIC_OPERATION, "ns per view", BY_NONE,
	  BY_NONE, false, false, "Handing over between two threads",
	  "Time to pass a view from one thread to another, as many at once as "
	  "batch says. Less is better." },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const axes[PARAMS] = {
	[PARAM_RATE] = "samples per second",
	[PARAM_SIZE] = "bytes of packet in a sample",
	[PARAM_QUEUES] = "queues",
	[PARAM_WAIT_US] = "wait_us",
};

/* M. Okabe and K. Ito's colours, less the yellow that white swallows. */
static const uint32_t palette[] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
				    0xe69f00, 0x56b4e9, 0x000000, 0x999999 };

/* Any sans-serif that is there; no name of a reader is markup. */
#define TERMINAL_STYLE "noenhanced font \"sans-serif,13\" background \"white\""

#define COLOURS (sizeof(palette) / sizeof(palette[0]))
#define MARKERS 6 /* gnuplot's filled ones: 5, 7, ... */
#define DASHES	5

/* The picture being written. */
struct sheet {
	const struct results *results;
	const struct result *end; /* of its rows */
	const struct picture_kind *kind;
	const struct result *first; /* row of the picture */
	FILE *script;
	FILE *data;
	uint32_t blocks; /* of data, of all pictures so far */
};

static bool fits(const struct picture_kind *kind, const struct result *row)
{
	const struct figures *figures = &row->figures[kind->metric];

	return strcmp(row->scenario, kind->scenario) == 0 && figures->count &&
	       (kind->form != LINES ||
		param(&row->params, kind->along) != PARAM_ABSENT) &&
	       (!kind->logarithmic || figures_median(figures) > 0);
}

/* Whether two rows are in the same picture. */
static bool share_picture(const struct picture_kind *kind,
			  const struct result *a, const struct result *b)
{
	return fits(kind, a) && fits(kind, b) &&
	       (!kind->each_rate || a->params.rate == b->params.rate);
}

/* Whether they are on the same line of it, or among the bars of one reader. */
static bool share_line(const struct picture_kind *kind, const struct result *a,
		       const struct result *b)
{
	return share_picture(kind, a, b) && strcmp(a->reader, b->reader) == 0 &&
	       (kind->split == BY_NONE ||
		param(&a->params, kind->split) ==
			param(&b->params, kind->split));
}

static bool starts_picture(const struct sheet *sheet, const struct result *row)
{
	for (const struct result *r = sheet->results->rows; r < row; r++)
		if (share_picture(sheet->kind, r, row))
			return false;
	return fits(sheet->kind, row);
}

static bool starts_line(const struct sheet *sheet, const struct result *row)
{
	for (const struct result *r = sheet->first; r < row; r++)
		if (share_line(sheet->kind, r, row))
			return false;
	return share_picture(sheet->kind, sheet->first, row);
}

/* The readers are numbered as they appear in the results. */
static uint32_t reader_number(const struct results *results, const char *reader)
{
	const struct result *row = results->rows;
	uint32_t number = 0;

	for (; strcmp(row->reader, reader) != 0; row++) {
		const struct result *r = results->rows;

		while (strcmp(r->reader, row->reader) != 0)
			r++;
		number += r == row;
	}
	return number;
}

static void write_label(FILE *data, const char *reader, const char *text)
{
	fputc('"', data);
	for (; *reader; reader++)
		fputc(isalnum((unsigned char)*reader) || strchr("_-.+", *reader)
			      ? *reader
			      : '?',
		      data);
	fprintf(data, "%s%s\"", *text ? "  " : "", text);
}

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
		palette[reader_number(sheet->results, row->reader) % COLOURS],
		row->invalid[0] != '\0');
	write_label(sheet->data, reader, params_text(&row->params, text));
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
		if (!starts_line(sheet, row))
			continue;
		place -= 0.5;
		for (const struct result *r = row; r < sheet->end; r++)
			if (share_line(sheet->kind, row, r))
				write_bar(sheet, r, place -= 1,
					  r == row ? r->reader : "");
	}
	sheet->blocks++;
	fputs("\n\n", sheet->data);
	return place;
}

static void draw_bars(struct sheet *sheet)
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
		if (share_line(sheet->kind, row, r) &&
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

	write_label(sheet->data, row->reader, split_text(kind, row, text));
	fputc('\n', sheet->data);
	if (kind->form == PERCENTILES)
		write_percentiles(sheet, row);
	for (const struct result *r = row; r < sheet->end; r++)
		if (kind->form == LINES && share_line(kind, row, r))
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
			if (share_picture(kind, sheet->first, r))
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
	uint32_t number = reader_number(sheet->results, row->reader);
	uint32_t dashes = 0;

	if (sheet->kind->split != BY_NONE &&
	    param(&row->params, sheet->kind->split) != PARAM_ABSENT)
		dashes = param(&row->params, sheet->kind->split) % DASHES;
	fprintf(sheet->script,
		"%sdata index %u using (x($1)):2:3:4 with yerrorlines lw 1.5 "
		"lc rgb \"#%06x\" dt %u pt %u title columnheader(1), \\\n"
		" '' index %u using (x($1)):($5==1 ? $2 : NaN) with points "
		"pt 7 ps 0.5 lc rgb \"white\" notitle",
		lead, block, palette[number % COLOURS], dashes + 1,
		5 + number % MARKERS * 2, block);
}

static void draw_lines(struct sheet *sheet)
{
	uint32_t first = sheet->blocks;
	uint32_t block = first;

	for (const struct result *r = sheet->first; r < sheet->end; r++)
		if (starts_line(sheet, r))
			write_line(sheet, r);
	fputs("set terminal svg size 600,440 " TERMINAL_STYLE "\n"
	      "set offsets graph 0.03, graph 0.03\n",
	      sheet->script);
	draw_x_axis(sheet);
	draw_y_axis(sheet, first);
	for (const struct result *r = sheet->first; r < sheet->end; r++)
		if (starts_line(sheet, r)) {
			draw_line(sheet, r, block,
				  block == first ? "plot " : ", \\\n ");
			block++;
		}
	fputs("\n", sheet->script);
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
		draw_bars(sheet);
	else
		draw_lines(sheet);
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
	for (uint32_t i = 0; i < KINDS; i++) {
		sheet.kind = &kinds[i];
		sheet.first = NULL;
		while (ret_pictures->count < PICTURES_MAX &&
		       (sheet.first = next_first(&sheet)))
			draw_picture(
				&sheet,
				&ret_pictures->list[ret_pictures->count++]);
	}
}

static int start_gnuplot(const char *dir, pid_t *ret_pid)
{
	/* -d: without the settings of whoever runs this */
	char program[] = "gnuplot", defaults[] = "-d";
	char script[] = PICTURE_SCRIPT;
	char *arguments[] = { program, defaults, script, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawn_file_actions_addchdir_np(&actions, dir);
	/* It warns of an axis with one value. */
	if (!error)
		error = posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret_pid, program, &actions, NULL,
				     arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int pictures_draw(const char *dir, char ret_cause[TEXT_BYTES])
{
	pid_t pid = 0;
	int status = 0;
	int error = start_gnuplot(dir, &pid);

	if (error) {
		snprintf(ret_cause, TEXT_BYTES,
			 "no pictures, as gnuplot does not start: install it "
			 "(Debian: gnuplot-nox), then run there: "
			 "gnuplot " PICTURE_SCRIPT);
		return error;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	snprintf(ret_cause, TEXT_BYTES,
		 "gnuplot failed; to see why, run there: "
		 "gnuplot " PICTURE_SCRIPT);
	return -EIO;
}
