/* SPDX-License-Identifier: MIT */
/*
 * psring stat - count samples
 *
 * A screen, where standard output is a terminal; else a line a second with what
 * has changed; and the ledger at the end. For lines nobody looks at the samples:
 * what they cost is what the engine costs. A screen and pages of metrics show
 * readings, for which the consumers feed a meter.
 */
#include "http.h"
#include "metrics.h"
#include "options.h"
#include "output.h"
#include "reading.h"
#include "screen.h"
#include "session.h"
#include "signals.h"
#include "stat_line.h"
#include "subcommands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct options_command command = {
	.name = "stat",
	.text = "Count samples: on a screen, or a line a second where there is none;\n"
		"and the ledger at the end.",
	.examples =
		"  psring stat\n"
		"        watch what the kernel samples, by group and interface\n"
		"  psring stat --source synthetic --queues 2 --duration 5\n"
		"        how much this machine takes in, of samples made here\n"
		"  psring stat --once --duration 60 --max-loss 0.1\n"
		"        exit status 3 if more than 0.1 % gets lost in a minute\n"
		"  psring stat --once --listen :9517\n"
		"        nothing but metrics for Prometheus, and the ledger at the end\n",
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
	struct stat_lines lines;
	struct meter *meter;	 /* NULL: nobody looks at the samples */
	struct reading *reading; /* likewise */
	struct screen *screen;	 /* NULL: lines */
	struct http *http;	 /* NULL: nobody is to be served */
	int names_socket;	 /* to ask for names of interfaces; -1: not */
	struct interfaces interfaces;
};

static int complain(const char *cause)
{
	fprintf(stderr, "psring stat: %s\n", cause);
	return EXIT_FAILED;
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
	if (!has_lines(stat))
		return 0;
	stat_line_write(&stat->lines, psr, &stat->info, elapsed_ns,
			stat->options.format == OPTIONS_JSON);
	return fflush(stdout) ? -errno : 0;
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

	(void)consumer;
	meter_add(stat->meter, batch->queue_index, batch->views, batch->count);
	return 0;
}

static int open_reading(struct stat *stat)
{
	stat->reading = calloc(1, sizeof(*stat->reading));
	if (!stat->reading ||
	    meter_open(stat->options.engine.queue_count, &stat->meter))
		return -ENOMEM;
	stat->reading->meter = stat->meter;
	/* Other sources make their interfaces up. */
	if (stat->options.source == OPTIONS_PSAMPLE)
		stat->names_socket =
			socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	interfaces_init(&stat->interfaces, stat->names_socket);
	if (stat->names_socket >= 0)
		stat->reading->interfaces = &stat->interfaces;
	return 0;
}

static bool wants_screen(const struct stat *stat)
{
	return !stat->options.once &&
	       !options_first(&stat->options, OPTIONS_SECTION_METRICS) &&
	       screen_is_possible();
}

/*
 * The last page has what was drained after the last second, too, and no threads:
 * those that did the work have ended.
 */
static void write_page(struct stat *stat)
{
	const struct ledger *ledger = &stat->ledger;

	reading_take(stat->reading, &ledger->info, ledger->queues,
		     ledger->duration_ns);
	stat->reading->threads.count = 0;
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
		.fds = { -1, -1, -1 },
		.context = stat,
	};
	bool is_watched;

	/* Else there are lines. */
	if (has_screen)
		(void)screen_open(&stat->options, &stat->screen);
	is_watched = stat->http || stat->screen || has_lines(stat);
	if (stat->screen && isatty(STDIN_FILENO))
		ticker.fds[0] = STDIN_FILENO;
	if (stat->screen)
		ticker.fds[2] = signals_stop_fd();
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
	if (stat->names_socket >= 0)
		close(stat->names_socket);
	free(stat->reading);
	free(stat);
}

int stat_main(int argc, char **argv)
{
	struct stat *stat = calloc(1, sizeof(*stat));
	int status;

	if (!stat)
		return complain("no memory");
	stat->names_socket = -1;
	status = options_parse(&stat->options, &command, argc, argv);
	if (status < 0)
		status = stat_run(stat);
	stat_free(stat);
	return status;
}
