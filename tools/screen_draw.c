/* SPDX-License-Identifier: MIT */
/*
 * From top to bottom: what the run is, totals, a message, a line for each queue,
 * the CPU of the threads, and the rest of the screen for a table of groups or
 * interfaces; both, where it is wide enough. On a small screen what is on the right, and then
 * at the bottom, is left out; the foot is always there. ncurses sends what has
 * changed.
 */
#include "screen_draw.h"

#include "human.h"
#include "ledger.h"
#include "screen_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THREAD_WIDTH  26
#define QUEUE_FIGURES 66 /* columns of a queue's line but for the bar */
#define BAR_LEAST     14 /* as in 80 columns */
#define QUEUES_LEAST  2

static void draw_title(struct canvas *canvas)
{
	const struct screen_view *view = canvas->view;
	const struct psr_info *info = &canvas->reading->info;
	attr_t head = canvas_attribute(canvas, PAIR_HEAD);
	char clock[HUMAN_MAX], right[HUMAN_MAX + 16];

	canvas_band(canvas, 0, 0, COLS);
	canvas_put(0, 1, head | A_BOLD, "psring stat");
	canvas_put(0, 14, head, "%s by %s, %u queue%s, %u consumer%s",
		   options_sources[view->options->source],
		   ledger_transport(info), info->queue_count,
		   info->queue_count == 1 ? "" : "s", view->options->consumers,
		   view->options->consumers == 1 ? "" : "s");
	/* Its spaces keep it apart from what it has to cover. */
	snprintf(right, sizeof(right), "  %sup %s ",
		 view->is_paused ? "PAUSED  " : "",
		 human_clock(clock, canvas->reading->elapsed_ns));
	canvas_put(0, COLS - (int)strlen(right), head | A_BOLD, "%s", right);
	canvas->row = 1;
}

static void draw_total(const struct canvas *canvas, int row,
		       const char *const names[2], double per_s, uint64_t sum)
{
	attr_t name = canvas_attribute(canvas, PAIR_NAME);
	char text[HUMAN_MAX];

	canvas_put(row, 1, name, "%s", names[0]);
	canvas_put(row, 6, A_BOLD, "%10s/s", human_count(text, per_s));
	canvas_put(row, 22, name, "%s", names[1]);
	canvas_put(row, 32, A_NORMAL, "%17s", human_digits(text, sum));
}

/* Of the last second. */
static void draw_latency(const struct canvas *canvas)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 } };
	const struct histogram *latency = &canvas->reading->latency_since_ns;
	attr_t name = canvas_attribute(canvas, PAIR_NAME);
	char text[HUMAN_MAX] = "-";

	canvas_put(canvas->row, 53, name, "latency");
	for (int i = 0; i < 3; i++) {
		uint64_t ns = histogram_quantile(latency, quantiles[i].share);

		if (counter_read(&latency->count))
			human_duration(text, (double)ns);
		canvas_put(canvas->row + i, 62, name, "%s", quantiles[i].name);
		canvas_put(canvas->row + i, 68, A_BOLD, "%11s", text);
	}
}

static void draw_totals(struct canvas *canvas)
{
	static const char *const in[] = { "in", "received" };
	static const char *const out[] = { "out", "delivered" };
	static const char *const lost[] = { "lost", "lost" };
	const struct reading_queue *total = &canvas->reading->total;
	uint64_t lost_sum = reading_lost(&total->stats);
	int row = canvas->row;

	draw_total(canvas, row, in, total->in_per_s, total->stats.received);
	draw_total(canvas, row + 1, out, total->out_per_s,
		   total->stats.delivered);
	draw_total(canvas, row + 2, lost, total->lost_per_s, lost_sum);
	if (lost_sum)
		mvchgat(row + 2, 0, 50, A_BOLD,
			canvas->view->has_colours ? PAIR_BAD : 0, NULL);
	draw_latency(canvas);
	canvas->row += 3;
}

/* What somebody wanted to say; else where there is more to see. */
static void draw_message(struct canvas *canvas)
{
	const struct screen_view *view = canvas->view;
	const union address *listen = &view->options->listen;
	int row = canvas->row++;
	char text[ADDRESS_TEXT_MAX];

	if (*view->message)
		canvas_put(row, 1, canvas_attribute(canvas, PAIR_WARN), "%.*s",
			   COLS - 1, view->message);
	else if (listen->any.sa_family != AF_UNSPEC)
		canvas_put(row, 1, A_DIM, "metrics at http://%s/metrics",
			   address_text(listen, text));
}

static enum canvas_pair pair_of_share(double share)
{
	if (share < 0.5)
		return PAIR_GOOD;
	return share < 0.8 ? PAIR_WARN : PAIR_BAD;
}

/* How full a receive buffer is, and a mark at the most that was seen. */
static void draw_bar(const struct canvas *canvas, int row, int width,
		     const double shares[2])
{
	const char *fill = canvas->view->has_utf8 ? "█" : "#";
	const char *mark = canvas->view->has_utf8 ? "│" : "|";
	int full = (int)lround(shares[0] * width);
	int peak = (int)lround(shares[1] * width);
	attr_t colour = canvas_attribute(canvas, pair_of_share(shares[0]));

	canvas_put(row, 38, A_NORMAL, "[");
	canvas_put(row, 39 + width, A_NORMAL, "]");
	for (int i = 0; i < width && i < full; i++)
		canvas_put(row, 39 + i, colour, "%s", fill);
	if (peak >= width)
		peak = width - 1;
	if (peak >= full && shares[1] > 0)
		canvas_put(row, 39 + peak,
			   canvas_attribute(canvas, pair_of_share(shares[1])),
			   "%s", mark);
}

/* 0: there is no room for one. */
static int bar_width(void)
{
	int room = COLS - QUEUE_FIGURES;

	return room < BAR_LEAST ? 0 : room;
}

static void draw_queue(struct canvas *canvas, uint32_t index)
{
	const struct reading_queue *queue = &canvas->reading->queues[index];
	double capacity = canvas->reading->info.rcvbuf_bytes;
	const double shares[] = {
		(double)queue->stats.backlog_bytes / capacity,
		(double)queue->stats.backlog_peak_bytes / capacity,
	};
	char in[HUMAN_MAX], out[HUMAN_MAX], lost[HUMAN_MAX], wakeups[HUMAN_MAX];
	int row = canvas->row++, width = bar_width();

	canvas_put(row, 0, canvas_attribute(canvas, PAIR_NAME), "%5u", index);
	canvas_put(row, 5, A_NORMAL, "%10s%11s",
		   human_count(in, queue->in_per_s),
		   human_count(out, queue->out_per_s));
	canvas_put(row, 26,
		   queue->lost_per_s > 0 ? canvas_attribute(canvas, PAIR_BAD)
					 : A_NORMAL,
		   "%11s", human_count(lost, queue->lost_per_s));
	if (width)
		draw_bar(canvas, row, width, shares);
	canvas_put(row, 40 + width, A_NORMAL, "%5.0f%%%5.0f%%%6.0f%8s",
		   100 * shares[0], 100 * shares[1], queue->batch,
		   human_count(wakeups, queue->wakeups_per_s));
}

/* As many queues as leave half of the screen to the table. */
static void draw_queues(struct canvas *canvas)
{
	const struct psr_info *info = &canvas->reading->info;
	uint32_t count = info->queue_count;
	int width = bar_width();
	uint32_t room = LINES > 20 ? (uint32_t)(LINES - 16) / 2 : QUEUES_LEAST;
	attr_t head = canvas_attribute(canvas, PAIR_HEAD);
	char bytes[HUMAN_MAX];

	canvas_band(canvas, canvas->row, 0, COLS);
	canvas_put(canvas->row, 0, head, "QUEUE%10s%11s%11s", "IN/s", "OUT/s",
		   "LOST/s");
	if (width)
		canvas_put(canvas->row, 39, head, "%s %s",
			   info->transport == PSR_TRANSPORT_BPF ? "RING"
								: "BUF",
			   human_bytes(bytes, ledger_rcvbuf_bytes(info)));
	canvas_put(canvas->row, 40 + width, head, "%6s%6s%6s%8s", "USED",
		   "PEAK", "BATCH", "WAKE/s");
	canvas->row++;
	for (uint32_t i = 0; i < count && i < room; i++)
		draw_queue(canvas, i);
	if (count > room)
		canvas_put(canvas->row++, 0, A_DIM, "%5s and %u more", "",
			   count - room);
	canvas->row++;
}

static int by_cpu(const void *left, const void *right)
{
	const struct thread *a = left, *b = right;

	if (a->share != b->share)
		return a->share < b->share ? 1 : -1;
	return a->id - b->id;
}

/* The busiest first, in two rows or, on a tall screen, four. */
static void draw_threads(struct canvas *canvas)
{
	static struct thread threads[THREADS_MAX]; /* large for a stack */
	uint32_t count = canvas->reading->threads.count;
	int per_row = COLS < THREAD_WIDTH ? 1 : COLS / THREAD_WIDTH;
	int rows = LINES < 40 ? 2 : 4;

	canvas_band(canvas, canvas->row, 0, COLS);
	canvas_put(canvas->row++, 0, canvas_attribute(canvas, PAIR_HEAD),
		   "THREAD       CPU  (%u, the busiest first)", count);
	memcpy(threads, canvas->reading->threads.of, sizeof(threads));
	qsort(threads, count, sizeof(*threads), by_cpu);
	for (int i = 0; i < (int)count && i < rows * per_row; i++) {
		int row = canvas->row + i / per_row;
		int col = i % per_row * THREAD_WIDTH;

		canvas_put(row, col, canvas_attribute(canvas, PAIR_NAME),
			   "%-12.15s", threads[i].name);
		canvas_put(row, col + 12, A_NORMAL, "%7.1f%%",
			   100 * threads[i].share);
	}
	rows = (int)count < rows * per_row
		       ? ((int)count + per_row - 1) / per_row
		       : rows;
	canvas->row += rows + 1;
}

static void draw_help(const struct canvas *canvas)
{
	static const char *const lines[] = {
		"q           quit: the ledger follows",
		"p, space    pause; again: go on",
		"g i Tab     groups, interfaces, the other one",
		"s, arrows   sort by the next column, or the one beside",
		"up, down    lines of the table; also page up and page down",
		"",
		"in, out     taken from the socket; given to a consumer",
		"lost        in the receive buffer, or BPF ring: exact",
		"latency     from sampling to the consumer, in the last second",
		"USED PEAK   of the receive buffer: now, and the most seen",
		"BATCH       samples handed over at once",
		"TRAFFIC     sampled bytes x rate, corrected by what was lost",
		"+-95%       the truth is within, 95 times in 100, as far as",
		"            sampling goes; ?: some were lost, in bursts, and it",
		"            may be further off",
	};

	/* Better half a sentence than none. */
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		canvas_put(canvas->row + (int)i, 2, A_NORMAL, "%.*s", COLS - 2,
			   lines[i]);
}

/* In the way of nothing that is above. */
static void draw_foot(const struct canvas *canvas)
{
	move(LINES - 1, 0);
	clrtoeol();
	canvas_put(
		LINES - 1, 1, canvas_attribute(canvas, PAIR_NAME), "%s",
		canvas->view->has_help
			? "q quit  any other key: back"
			: "q quit  p pause  g groups  i interfaces  s sort  ? help");
}

void screen_draw(const struct screen_view *view, const struct reading *reading)
{
	struct canvas canvas = { .view = view, .reading = reading };

	erase();
	draw_title(&canvas);
	draw_totals(&canvas);
	draw_message(&canvas);
	if (view->has_help) {
		draw_help(&canvas);
	} else {
		draw_queues(&canvas);
		draw_threads(&canvas);
		screen_table_draw(&canvas);
	}
	draw_foot(&canvas);
	refresh();
}
