/* SPDX-License-Identifier: MIT */
/*
 * psring stat - count samples
 *
 * A line a second with what has changed, and the ledger at the end, all on
 * standard output. Nobody looks at the samples: what this costs is what the
 * engine costs.
 */
#include "options.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define HEADER_EVERY 20 /* lines */

static const struct options_command command = {
	.name = "stat",
	.text = "Count samples: a line a second, and the ledger at the end.",
	.example = "psring stat --source synthetic --queues 2 --duration 5",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_ENGINE |
		    OPTIONS_SECTION_SENDER | OPTIONS_SECTION_LIMIT |
		    OPTIONS_SECTION_ONCE | OPTIONS_SECTION_FORMAT,
};

struct stat {
	struct options options;
	struct ledger ledger;
	uint64_t received;   /* at the last line */
	uint64_t elapsed_ns; /* likewise */
	uint32_t lines;
};

static void write_text(struct stat *stat, const struct psr_stats *stats,
		       double elapsed_s, double samples_per_s)
{
	if (stat->lines++ % HEADER_EVERY == 0)
		printf("%10s%14s%16s%12s%10s%10s\n", "seconds", "samples/s",
		       "received", "lost", "pending", "stalls");
	printf("%10.1f%14.0f%16" PRIu64 "%12" PRIu64 "%10" PRIu64 "%10" PRIu64
	       "\n",
	       elapsed_s, samples_per_s, stats->received,
	       stats->lost_socket + stats->lost_ring, stats->pending,
	       stats->stalls);
}

static void write_json(const struct psr_stats *stats, double elapsed_s,
		       double samples_per_s)
{
	printf("{\"duration_s\":%.3f,\"samples_per_s\":%.0f,"
	       "\"received\":%" PRIu64 ",\"lost_socket\":%" PRIu64
	       ",\"lost_ring\":%" PRIu64 ",\"pending\":%" PRIu64
	       ",\"stalls\":%" PRIu64 "}\n",
	       elapsed_s, samples_per_s, stats->received, stats->lost_socket,
	       stats->lost_ring, stats->pending, stats->stalls);
}

static int stat_tick(void *context, struct psr *psr, uint64_t elapsed_ns)
{
	struct stat *stat = context;
	struct psr_stats stats;
	double passed_s = (double)(elapsed_ns - stat->elapsed_ns) / 1e9;
	double per_s;

	psr_stats(psr, &stats);
	per_s = (double)(stats.received - stat->received) / passed_s;
	if (stat->options.format == OPTIONS_JSON)
		write_json(&stats, (double)elapsed_ns / 1e9, per_s);
	else
		write_text(stat, &stats, (double)elapsed_ns / 1e9, per_s);
	stat->received = stats.received;
	stat->elapsed_ns = elapsed_ns;
	return fflush(stdout) ? -errno : 0;
}

static int stat_run(struct stat *stat)
{
	struct consumers_client client = { .context = stat };
	struct session_ticker ticker = { .tick = stat_tick, .context = stat };
	struct session *session;
	int status, error = 0;

	status = session_open(&stat->options, &client, &session);
	if (status != EXIT_DONE)
		return status;
	status = session_run(session, stat->options.once ? NULL : &ticker,
			     &stat->ledger);
	session_close(session);
	if (stat->options.format == OPTIONS_JSON)
		error = ledger_write_json(&stat->ledger, stdout);
	else
		ledger_write_text(&stat->ledger, stdout);
	if (error)
		fputs("psring stat: no memory for the ledger\n", stderr);
	if (output_end() != EXIT_DONE || error)
		status = EXIT_FAILED;
	return status;
}

int stat_main(int argc, char **argv)
{
	struct stat *stat = calloc(1, sizeof(*stat));
	int status;

	if (!stat) {
		fputs("psring stat: no memory\n", stderr);
		return EXIT_FAILED;
	}
	status = options_parse(&stat->options, &command, argc, argv);
	if (status < 0)
		status = stat_run(stat);
	free(stat);
	return status;
}
