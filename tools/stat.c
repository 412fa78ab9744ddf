/* SPDX-License-Identifier: MIT */
/*
 * psring stat - count samples
 *
 * A screen, where standard output is a terminal; else a line a second with what
 * has changed; and the ledger at the end. For lines nobody looks at the samples:
 * what they cost is what the engine costs. A screen and pages of metrics show
 * readings, for which the consumers feed a meter.
 */
#include "charge.h"
#include "http.h"
#include "metrics.h"
#include "options.h"
#include "output.h"
#include "reading.h"
#include "screen.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER_EVERY 20	    /* lines */
#define HOLDS_MS_MAX 999999 /* a quarter of an hour is as good as any more */

static const struct options_command command = {
	.name = "stat",
	.text = "Count samples: on a screen, or a line a second where there is none;\n"
		"and the ledger at the end.",
	.example = "psring stat --source synthetic --queues 2 --duration 5",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_LISTEN |
		    OPTIONS_SECTION_NETNS | OPTIONS_SECTION_ENGINE |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_COUNT |
		    OPTIONS_SECTION_DURATION | OPTIONS_SECTION_ONCE |
		    OPTIONS_SECTION_LOSS | OPTIONS_SECTION_METRICS,
};

struct stat {
	struct options options;
	struct ledger ledger;
	struct psr_info info;
	uint64_t received[PSR_QUEUES_MAX]; /* at the last line */
	uint64_t elapsed_ns;		   /* likewise */
	uint32_t lines;
	struct meter *meter;	 /* NULL: nobody looks at the samples */
	struct reading *reading; /* likewise */
	struct screen *screen;	 /* NULL: lines */
	struct http *http;	 /* NULL: nobody is to be served */
};

/* What has happened since the last line, and how far loss is away. */
struct line {
	struct psr_stats total;
	double elapsed_s;
	double samples_per_s;
	double peak_percent; /* of the receive buffer that was fullest */
	double holds_ms;     /* that the busiest queue's lasts; 0: not known */
};

/* What a line tells. */
static void add(struct psr_stats *total, const struct psr_stats *queue)
{
	total->received += queue->received;
	total->lost_socket += queue->lost_socket;
	total->lost_ring += queue->lost_ring;
	total->pending += queue->pending;
	total->stalls += queue->stalls;
	total->backlog_bytes += queue->backlog_bytes;
}

static void look(struct stat *stat, struct psr *psr, uint64_t elapsed_ns,
		 struct line *line)
{
	double passed_ms = (double)(elapsed_ns - stat->elapsed_ns) / 1e6;
	double capacity = stat->info.rcvbuf_bytes;
	struct psr_stats busiest = { 0 }, queue;
	uint64_t most = 0, sum = 0, peak = 0;

	line->total = (struct psr_stats){ 0 };
	for (uint32_t i = 0; i < stat->info.queue_count; i++) {
		uint64_t more;

		psr_queue_stats(psr_queue(psr, i), &queue);
		add(&line->total, &queue);
		more = queue.received - stat->received[i];
		stat->received[i] = queue.received;
		sum += more;
		if (queue.backlog_peak_bytes > peak)
			peak = queue.backlog_peak_bytes;
		if (more <= most)
			continue;
		most = more;
		busiest = queue;
	}
	stat->elapsed_ns = elapsed_ns;
	line->elapsed_s = (double)elapsed_ns / 1e9;
	line->samples_per_s = (double)sum / passed_ms * 1e3;
	line->peak_percent = 100 * (double)peak / capacity;
	line->holds_ms = charge_of_sample(&stat->info, &busiest);
	if (line->holds_ms > 0)
		line->holds_ms =
			capacity / line->holds_ms / (double)most * passed_ms;
}

static void write_text(struct stat *stat, const struct line *line)
{
	const struct psr_stats *total = &line->total;

	if (stat->lines++ % HEADER_EVERY == 0)
		printf("%8s%11s%14s%12s%9s%8s%7s%10s\n", "seconds", "samples/s",
		       "received", "lost", "pending", "stalls", "peak %",
		       "holds ms");
	printf("%8.1f%11.0f%14" PRIu64 "%12" PRIu64 "%9" PRIu64 "%8" PRIu64
	       "%7.1f",
	       line->elapsed_s, line->samples_per_s, total->received,
	       total->lost_socket + total->lost_ring, total->pending,
	       total->stalls, line->peak_percent);
	if (line->holds_ms > HOLDS_MS_MAX)
		printf("%10s\n", ">999999");
	else if (line->holds_ms > 0)
		printf("%10.0f\n", line->holds_ms);
	else
		printf("%10s\n", "-");
}

static void write_json(const struct line *line)
{
	const struct psr_stats *total = &line->total;

	printf("{\"duration_s\":%.3f,\"samples_per_s\":%.0f,"
	       "\"received\":%" PRIu64 ",\"lost_socket\":%" PRIu64
	       ",\"lost_ring\":%" PRIu64 ",\"pending\":%" PRIu64
	       ",\"stalls\":%" PRIu64 ",\"backlog_bytes\":%" PRIu64
	       ",\"peak_percent\":%.1f,\"holds_ms\":",
	       line->elapsed_s, line->samples_per_s, total->received,
	       total->lost_socket, total->lost_ring, total->pending,
	       total->stalls, total->backlog_bytes, line->peak_percent);
	if (line->holds_ms > 0)
		printf("%.0f}\n", line->holds_ms);
	else
		puts("null}");
}

static int complain(const char *cause)
{
	fprintf(stderr, "psring stat: %s\n", cause);
	return EXIT_FAILED;
}

static int write_line(struct stat *stat, struct psr *psr, uint64_t elapsed_ns)
{
	struct line line;

	look(stat, psr, elapsed_ns, &line);
	if (stat->options.format == OPTIONS_JSON)
		write_json(&line);
	else
		write_text(stat, &line);
	return fflush(stdout) ? -errno : 0;
}

static void take_reading(struct stat *stat, struct psr *psr,
			 uint64_t elapsed_ns)
{
	struct psr_stats queues[PSR_QUEUES_MAX];

	for (uint32_t i = 0; i < stat->info.queue_count; i++)
		psr_queue_stats(psr_queue(psr, i), &queues[i]);
	reading_take(stat->reading, &stat->info, queues, elapsed_ns);
}

static bool has_lines(const struct stat *stat)
{
	return !stat->screen && !stat->options.once &&
	       stat->options.format != OPTIONS_PROMETHEUS;
}

static int stat_tick(void *context, struct psr *psr, uint64_t elapsed_ns)
{
	struct stat *stat = context;

	psr_info(psr, &stat->info);
	if (stat->reading)
		take_reading(stat, psr, elapsed_ns);
	if (stat->http)
		http_run(stat->http);
	if (stat->screen)
		screen_show(stat->screen, stat->reading);
	return has_lines(stat) ? write_line(stat, psr, elapsed_ns) : 0;
}

static int stat_wake(void *context)
{
	struct stat *stat = context;

	if (stat->http)
		http_run(stat->http);
	return stat->screen ? screen_listen(stat->screen) : 0;
}

/* What is told from here on is for the terminal as it was. */
static void stat_end(void *context)
{
	struct stat *stat = context;

	screen_close(stat->screen);
	stat->screen = NULL;
}

static int stat_page(void *context, FILE *stream)
{
	const struct stat *stat = context;

	if (!stat->reading->elapsed_ns)
		return -1;
	metrics_write(stat->reading, &stat->options, stream);
	return 0;
}

static int stat_samples(void *context, uint32_t consumer,
			const struct consumers_batch *batch)
{
	struct stat *stat = context;

	meter_add(stat->meter, consumer, batch->views, batch->count);
	return 0;
}

static int open_reading(struct stat *stat)
{
	stat->reading = calloc(1, sizeof(*stat->reading));
	if (!stat->reading || meter_open(stat->options.consumers, &stat->meter))
		return -ENOMEM;
	stat->reading->meter = stat->meter;
	stat->reading->consumer_count = stat->options.consumers;
	return 0;
}

static bool wants_screen(const struct stat *stat)
{
	return !stat->options.once &&
	       !options_first(&stat->options, OPTIONS_SECTION_METRICS) &&
	       screen_is_possible();
}

/* The last page has what was drained after the last second, too. */
static void write_page(struct stat *stat)
{
	const struct ledger *ledger = &stat->ledger;

	reading_take(stat->reading, &ledger->info, ledger->queues,
		     ledger->duration_ns);
	metrics_write(stat->reading, &stat->options, stdout);
}

static int write_end(struct stat *stat)
{
	int status = EXIT_DONE;

	if (stat->options.format == OPTIONS_PROMETHEUS)
		write_page(stat);
	else if (stat->options.format != OPTIONS_JSON)
		ledger_write_text(&stat->ledger, stdout);
	else if (ledger_write_json(&stat->ledger, stdout))
		status = complain("no memory for the ledger");
	return output_end() == EXIT_DONE ? status : EXIT_FAILED;
}

static int run_session(struct stat *stat, struct session *session,
		       bool has_screen)
{
	struct session_ticker ticker = {
		.tick = stat_tick,
		.wake = stat_wake,
		.end = stat_end,
		.fds = { -1, -1 },
		.context = stat,
	};
	bool is_watched;

	/* Else there are lines. */
	if (has_screen)
		(void)screen_open(&stat->options, &stat->screen);
	is_watched = stat->http || stat->screen || has_lines(stat);
	if (stat->screen && isatty(STDIN_FILENO))
		ticker.fds[0] = STDIN_FILENO;
	if (stat->http)
		ticker.fds[1] = http_fd(stat->http);
	return session_run(session, is_watched ? &ticker : NULL, &stat->ledger);
}

static int refuse_listen(const struct stat *stat, int error)
{
	char text[ADDRESS_TEXT_MAX];

	fprintf(stderr, "psring stat: --listen %s: %s\n",
		address_text(&stat->options.listen, text),
		strerrordesc_np(-error));
	return EXIT_FAILED;
}

/* @fd: where to serve, opened while there were privileges; -1: nowhere */
static int serve(struct stat *stat, int fd)
{
	char text[ADDRESS_TEXT_MAX];

	if (fd < 0)
		return EXIT_DONE;
	if (http_open(fd, METRICS_TYPE, stat_page, stat, &stat->http))
		return complain("--listen: no memory or descriptors");
	fprintf(stderr, "metrics at http://%s/metrics\n",
		address_text(&stat->options.listen, text));
	return EXIT_DONE;
}

static int run_engine(struct stat *stat, bool has_screen, int listen_fd)
{
	struct consumers_client client = { .context = stat };
	struct session *session;
	int status;

	if (stat->reading)
		client.samples = stat_samples;
	status = session_open(&stat->options, &client, &session);
	if (status != EXIT_DONE)
		return status;
	status = serve(stat, listen_fd);
	if (status == EXIT_DONE) {
		status = run_session(stat, session, has_screen);
		if (write_end(stat) != EXIT_DONE)
			status = EXIT_FAILED;
	}
	session_close(session);
	return status;
}

static int stat_run(struct stat *stat)
{
	bool has_screen = wants_screen(stat);
	bool is_served = stat->options.listen.any.sa_family != AF_UNSPEC;
	int listen_fd = -1;

	if ((has_screen || is_served ||
	     stat->options.format == OPTIONS_PROMETHEUS) &&
	    open_reading(stat))
		return complain("no memory");
	if (is_served) {
		listen_fd = http_bind(&stat->options.listen);
		if (listen_fd < 0)
			return refuse_listen(stat, listen_fd);
	}
	return run_engine(stat, has_screen, listen_fd);
}

static void stat_free(struct stat *stat)
{
	http_close(stat->http);
	meter_close(stat->meter);
	free(stat->reading);
	free(stat);
}

int stat_main(int argc, char **argv)
{
	struct stat *stat = calloc(1, sizeof(*stat));
	int status;

	if (!stat)
		return complain("no memory");
	status = options_parse(&stat->options, &command, argc, argv);
	if (status < 0)
		status = stat_run(stat);
	stat_free(stat);
	return status;
}
