/* SPDX-License-Identifier: MIT */
/*
 * Lines of the meter, in the order of a column; those of equal value, as they
 * are most often 0, by name.
 */
#include "screen_table.h"

#include "human.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_WIDTH   79
#define NAME_WIDTH    28
#define NAME_TEXT_MAX 64 /* bytes of two names and a namespace */

struct row {
	const struct meter_line *line;
	double values[COLUMNS]; /* of COLUMN_NAME: the key */
	enum screen_column sort;
};

struct table {
	uint32_t count;
	struct row rows[METER_ROWS + 1];
};

static void fill_row(struct row *row, const struct meter_line *line,
		     double passed_s)
{
	const double *since = line->since;
	double error = estimate_error_bytes(since);

	row->line = line;
	row->values[COLUMN_NAME] = (double)line->key;
	row->values[COLUMN_SAMPLES] = since[ESTIMATE_SAMPLES] / passed_s;
	row->values[COLUMN_PACKETS] = since[ESTIMATE_PACKETS] / passed_s;
	row->values[COLUMN_TRAFFIC] = since[ESTIMATE_BYTES] * 8 / passed_s;
	row->values[COLUMN_ERROR] =
		error > 0 ? 100 * error / since[ESTIMATE_BYTES] : 0;
	row->values[COLUMN_TOTAL] = line->total[ESTIMATE_BYTES];
}

/* Names go up, figures down. */
static int by_column(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	double first = a->values[a->sort], second = b->values[b->sort];

	if (a->sort != COLUMN_NAME && first != second)
		return first < second ? 1 : -1;
	if (a->line->key != b->line->key)
		return a->line->key < b->line->key ? -1 : 1;
	return a->line->nsid < b->line->nsid ? -1 : 1;
}

static void fill_table(struct table *table, const struct canvas *canvas,
		       enum meter_kind kind)
{
	const struct reading *reading = canvas->reading;

	table->count = 0;
	for (uint32_t i = 0; i <= METER_ROWS; i++) {
		const struct meter_line *line = &reading->lines.of[kind][i];
		struct row *row = &table->rows[table->count];

		if (!line->is_used)
			continue;
		fill_row(row, line, reading->passed_s);
		row->sort = canvas->view->sort;
		table->count++;
	}
	qsort(table->rows, table->count, sizeof(*table->rows), by_column);
}

/*
 * As dump tells it: eth0 In, eth0 > eth1, or eth1 Out. Where two long names have no
 * room the second is a number: cut off, those of two VLANs would be the same.
 */
static int name_interfaces(const struct canvas *canvas,
			   const struct meter_line *line,
			   char text[NAME_TEXT_MAX])
{
	const struct reading *reading = canvas->reading;
	uint32_t iif = meter_iif(line->key), oif = meter_oif(line->key);
	char in[IF_NAMESIZE], out[IF_NAMESIZE];
	int len;

	reading_interface(reading, line->nsid, iif, in);
	reading_interface(reading, line->nsid, oif, out);
	if (iif == METER_UNKNOWN && oif == METER_UNKNOWN)
		return snprintf(text, NAME_TEXT_MAX, "none");
	if (oif == METER_UNKNOWN)
		return snprintf(text, NAME_TEXT_MAX, "%s In", in);
	if (iif == METER_UNKNOWN)
		return snprintf(text, NAME_TEXT_MAX, "%s Out", out);
	len = snprintf(text, NAME_TEXT_MAX, "%s > %s", in, out);
	if (len > NAME_WIDTH)
		len = snprintf(text, NAME_TEXT_MAX, "%s > #%u", in, oif);
	return len;
}

/* Of another network namespace: 3 @7 */
static void name_row(const struct canvas *canvas, enum meter_kind kind,
		     const struct meter_line *line, char text[NAME_TEXT_MAX])
{
	int len;

	if (line->key == METER_OTHERS)
		len = snprintf(text, NAME_TEXT_MAX, "others");
	else if (kind == METER_GROUP)
		len = snprintf(text, NAME_TEXT_MAX, "%u", (uint32_t)line->key);
	else
		len = name_interfaces(canvas, line, text);
	if (line->nsid != PSR_NSID_OWN)
		snprintf(text + len, NAME_TEXT_MAX - (size_t)len, " @%d",
			 line->nsid);
}

/* Nothing sampled says nothing: that is no error of 0. */
static const char *error_text(const struct row *row, char text[HUMAN_MAX])
{
	const struct meter_line *line = row->line;

	if (line->since[ESTIMATE_SAMPLES] > 0)
		snprintf(text, HUMAN_MAX, "%.1f%%%s", row->values[COLUMN_ERROR],
			 line->has_loss ? "?" : " ");
	else
		snprintf(text, HUMAN_MAX, "- ");
	return text;
}

static void draw_row(const struct canvas *canvas, enum meter_kind kind,
		     const struct row *row, int y, int x)
{
	const double *values = row->values;
	char samples[HUMAN_MAX], packets[HUMAN_MAX], traffic[HUMAN_MAX];
	char error[HUMAN_MAX], total[HUMAN_MAX], name[NAME_TEXT_MAX];

	name_row(canvas, kind, row->line, name);
	canvas_put(y, x, canvas_attribute(canvas, PAIR_NAME), "%*s", NAME_WIDTH,
		   name);
	canvas_put(y, x + NAME_WIDTH,
		   values[COLUMN_SAMPLES] > 0 ? A_NORMAL : A_DIM,
		   "%10s%10s%13s%8s%10s",
		   human_count(samples, values[COLUMN_SAMPLES]),
		   human_count(packets, values[COLUMN_PACKETS]),
		   human_bit_rate(traffic, values[COLUMN_TRAFFIC]),
		   error_text(row, error),
		   human_bytes(total, values[COLUMN_TOTAL]));
}

/* A mark shows by what the lines are sorted. */
static void draw_head(const struct canvas *canvas, enum meter_kind kind, int x)
{
	static const struct {
		const char *name;
		int end;
	} columns[COLUMNS] = {
		[COLUMN_NAME] = { "", 28 },
		[COLUMN_SAMPLES] = { "SAMPLES/s", 38 },
		[COLUMN_PACKETS] = { "PACKETS/s", 48 },
		[COLUMN_TRAFFIC] = { "TRAFFIC", 61 },
		[COLUMN_ERROR] = { "+-95%", 68 },
		[COLUMN_TOTAL] = { "TOTAL", 79 },
	};
	attr_t head = canvas_attribute(canvas, PAIR_HEAD);

	canvas_band(canvas, canvas->row, x, TABLE_WIDTH);
	canvas_put(canvas->row, x, head, "%*s", NAME_WIDTH,
		   kind == METER_GROUP ? "GROUP" : "INTERFACE");
	for (int i = 0; i < COLUMNS; i++) {
		bool is_sorted = i == (int)canvas->view->sort;
		const char *mark = canvas->view->has_utf8 ? "▾" : "v";

		canvas_put(canvas->row,
			   x + columns[i].end - (int)strlen(columns[i].name),
			   is_sorted ? head | A_BOLD : head, "%s",
			   columns[i].name);
		if (is_sorted)
			canvas_put(canvas->row, x + columns[i].end, head, "%s",
				   mark);
	}
}

static void draw_table(const struct canvas *canvas, enum meter_kind kind, int x)
{
	static struct table table; /* large for a stack */
	int rows = LINES - 2 - canvas->row;
	uint32_t first = canvas->view->first;

	fill_table(&table, canvas, kind);
	draw_head(canvas, kind, x);
	if (first >= table.count)
		first = table.count ? table.count - 1 : 0;
	for (int i = 0; i < rows && first + (uint32_t)i < table.count; i++)
		draw_row(canvas, kind, &table.rows[first + (uint32_t)i],
			 canvas->row + 1 + i, x);
	if (!table.count && rows > 0)
		canvas_put(canvas->row + 1, x + 2, A_DIM, "no sample yet");
}

void screen_table_draw(const struct canvas *canvas)
{
	if (COLS < 2 * TABLE_WIDTH + 2) {
		draw_table(canvas, canvas->view->kind, 0);
		return;
	}
	draw_table(canvas, METER_GROUP, 0);
	draw_table(canvas, METER_INTERFACE, COLS - TABLE_WIDTH - 1);
}
