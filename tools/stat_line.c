/* SPDX-License-Identifier: MIT */
#include "stat_line.h"

#include "charge.h"

#include <inttypes.h>
#include <stdio.h>

#define HEADER_EVERY 20	    /* lines */
#define HOLDS_MS_MAX 999999 /* a quarter of an hour is as good as any more */

/* What has happened since the last line, and how far loss is away. */
struct line {
	struct psr_stats total;
	double elapsed_s;
	double samples_per_s;
	double peak_percent; /* of the receive buffer that was fullest */
	double holds_ms;     /* that the busiest queue's lasts; 0: not known */
};

static void add(struct psr_stats *total, const struct psr_stats *queue)
{
	total->received += queue->received;
	total->lost_socket += queue->lost_socket;
	total->lost_ring += queue->lost_ring;
	total->pending += queue->pending;
	total->stalls += queue->stalls;
	total->backlog_bytes += queue->backlog_bytes;
}

static void look(struct stat_lines *lines, struct psr *psr,
		 const struct psr_info *info, uint64_t elapsed_ns,
		 struct line *line)
{
	double passed_ms = (double)(elapsed_ns - lines->elapsed_ns) / 1e6;
	double capacity = info->rcvbuf_bytes;
	struct psr_stats busiest = { 0 }, queue;
	uint64_t most = 0, sum = 0, peak = 0;

	line->total = (struct psr_stats){ 0 };
	for (uint32_t i = 0; i < info->queue_count; i++) {
		uint64_t more;

		psr_queue_stats(psr_queue(psr, i), &queue);
		add(&line->total, &queue);
		more = queue.received - lines->received[i];
		lines->received[i] = queue.received;
		sum += more;
		if (queue.backlog_peak_bytes > peak)
			peak = queue.backlog_peak_bytes;
		if (more <= most)
			continue;
		most = more;
		busiest = queue;
	}
	lines->elapsed_ns = elapsed_ns;
	line->elapsed_s = (double)elapsed_ns / 1e9;
	line->samples_per_s = (double)sum / passed_ms * 1e3;
	line->peak_percent = 100 * (double)peak / capacity;
	line->holds_ms = charge_of_sample(info, &busiest);
	if (line->holds_ms > 0)
		line->holds_ms =
			capacity / line->holds_ms / (double)most * passed_ms;
}

static void write_text(struct stat_lines *lines, const struct line *line)
{
	const struct psr_stats *total = &line->total;

	if (lines->count++ % HEADER_EVERY == 0)
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

void stat_line_write(struct stat_lines *lines, struct psr *psr,
		     const struct psr_info *info, uint64_t elapsed_ns,
		     bool json)
{
	struct line line;

	look(lines, psr, info, elapsed_ns, &line);
	if (json)
		write_json(&line);
	else
		write_text(lines, &line);
}
