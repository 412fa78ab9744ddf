/* SPDX-License-Identifier: MIT */
/*
 * The page of metrics. https://prometheus.io/docs/instrumenting/exposition_formats:
 * the lines of a metric follow its HELP and TYPE; in a label's value backslash,
 * quote and newline are escaped.
 */
#include "metrics.h"

#include "ledger.h"

#include <inttypes.h>
#include <stddef.h>

/* Bounds of the latency's histogram, as exponents of two: 1 us to 17 s. */
#define LATENCY_FIRST 10
#define LATENCY_LAST  34

#define SECOND_NS 1e9

/* What is written of, and where to. */
struct page {
	const struct reading *reading;
	const struct options *options;
	FILE *stream;
};

struct metric {
	const char *name;
	const char *type;
	const char *help;
};

/* A metric of each queue. */
struct queue_metric {
	struct metric metric;
	size_t offset; /* in struct psr_stats */
};

#define COUNTER(name, member, help)                                           \
	{                                                                     \
		{ name, "counter", help }, offsetof(struct psr_stats, member) \
	}
#define GAUGE(name, member, help)                                           \
	{                                                                   \
		{ name, "gauge", help }, offsetof(struct psr_stats, member) \
	}

static const struct queue_metric queue_metrics[] = {
	COUNTER("psring_received_samples_total", received,
		"Datagrams taken from the socket or BPF ring."),
	COUNTER("psring_received_bytes_total", bytes,
		"Bytes of the datagrams received."),
	COUNTER("psring_delivered_samples_total", delivered,
		"Samples given to a consumer."),
	GAUGE("psring_pending_samples", pending,
	      "Samples that wait for a consumer, or are with one."),
	COUNTER("psring_malformed_samples_total", malformed,
		"Datagrams received that are no well-formed sample."),
	COUNTER("psring_foreign_datagrams_total", foreign,
		"Datagrams received that are netlink, but no sample."),
	GAUGE("psring_receive_buffer_used_bytes", backlog_bytes,
	      "In use of the receive buffer or BPF ring."),
	GAUGE("psring_receive_buffer_used_peak_bytes", backlog_peak_bytes,
	      "The most of it that was seen in use."),
	COUNTER("psring_stalls_total", stalls,
		"Times that no buffer was left to receive into."),
	COUNTER("psring_wakeups_total", wakeups,
		"Returns from a sleep of who ingests, under its first queue."),
	COUNTER("psring_system_calls_total", syscalls,
		"System calls of who ingests, under its first queue."),
};

/* A metric of each line of the meter. */
struct line_metric {
	const char *suffix;
	const char *help;
	enum estimate_sum sum;
};

static const struct line_metric line_metrics[] = {
	{ "samples_total", "Samples delivered.", ESTIMATE_SAMPLES },
	{ "sampled_bytes_total", "Bytes of the packets sampled.",
	  ESTIMATE_SAMPLED_BYTES },
	{ "estimated_packets_total",
	  "Packets that the samples stand for, corrected by what was lost.",
	  ESTIMATE_PACKETS },
	{ "estimated_bytes_total",
	  "Bytes that the samples stand for, corrected by what was lost.",
	  ESTIMATE_BYTES },
	{ "estimate_variance_total",
	  "Variance of the estimate of bytes, for that samples are taken by "
	  "chance: it is right to within 1.96 times the root of this.",
	  ESTIMATE_VARIANCE },
};

static void write_head(FILE *stream, const struct metric *metric)
{
	fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
		metric->help, metric->name, metric->type);
}

/* What is not ASCII might not be UTF-8, which it must be. */
static void write_label(FILE *stream, const char *name, const char *value)
{
	fprintf(stream, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stream);
		else if (*value == '\\' || *value == '"')
			fprintf(stream, "\\%c", *value);
		else
			fputc(*value < ' ' || *value > '~' ? '?' : *value,
			      stream);
	}
	fputc('"', stream);
}

static void write_info(const struct page *page)
{
	static const struct metric info = { "psring_info", "gauge",
					    "What runs; always 1." };
	static const struct metric size = {
		"psring_receive_buffer_size_bytes", "gauge",
		"Size of each queue's receive buffer or BPF ring."
	};
	const struct psr_info *engine = &page->reading->info;

	write_head(page->stream, &info);
	fprintf(page->stream,
		"%s{version=\"%s\",source=\"%s\",transport=\"%s\"} 1\n",
		info.name, PSRING_VERSION,
		options_sources[page->options->source],
		ledger_transport(engine));
	write_head(page->stream, &size);
	fprintf(page->stream, "%s %u\n", size.name, engine->rcvbuf_bytes);
}

static uint64_t load(const struct psr_stats *stats, size_t offset)
{
	return *(const uint64_t *)((const char *)stats + offset);
}

static void write_queues(const struct page *page)
{
	const struct reading *reading = page->reading;
	size_t count = sizeof(queue_metrics) / sizeof(*queue_metrics);

	for (size_t i = 0; i < count; i++) {
		const struct queue_metric *metric = &queue_metrics[i];

		write_head(page->stream, &metric->metric);
		for (uint32_t q = 0; q < reading->info.queue_count; q++)
			fprintf(page->stream, "%s{queue=\"%u\"} %" PRIu64 "\n",
				metric->metric.name, q,
				load(&reading->queues[q].stats,
				     metric->offset));
	}
}

static void write_lost(const struct page *page)
{
	static const struct metric lost = {
		"psring_lost_samples_total",
		"counter",
		"Samples for which the receive buffer (socket) or BPF ring "
		"(ring) had no room: exact.",
	};

	write_head(page->stream, &lost);
	for (uint32_t i = 0; i < page->reading->info.queue_count; i++) {
		const struct psr_stats *stats = &page->reading->queues[i].stats;

		fprintf(page->stream,
			"%s{queue=\"%u\",cause=\"socket\"} %" PRIu64 "\n"
			"%s{queue=\"%u\",cause=\"ring\"} %" PRIu64 "\n",
			lost.name, i, stats->lost_socket, lost.name, i,
			stats->lost_ring);
	}
}

static void write_threads(const struct page *page)
{
	static const struct metric cpu = {
		"psring_thread_cpu_seconds_total",
		"counter",
		"CPU time that a thread has used.",
	};
	const struct threads *threads = &page->reading->threads;

	if (!threads->count)
		return;
	write_head(page->stream, &cpu);
	for (uint32_t i = 0; i < threads->count; i++) {
		const struct thread *thread = &threads->of[i];

		fprintf(page->stream, "%s{", cpu.name);
		write_label(page->stream, "thread", thread->name);
		fprintf(page->stream, ",id=\"%d\"} %.2f\n", thread->id,
			thread->cpu_s);
	}
}

/* Samples may be added meanwhile: the sum of the buckets is their count. */
static void write_latency(const struct page *page)
{
	static const struct metric latency = {
		"psring_sample_latency_seconds", "histogram",
		"From sampling to the consumer, of samples with a timestamp."
	};
	const struct histogram *histogram = &page->reading->latency_ns;
	uint64_t count = histogram_below(histogram, 2 * METER_LATENCY_MAX);

	write_head(page->stream, &latency);
	for (int i = LATENCY_FIRST; i <= LATENCY_LAST; i++) {
		uint64_t bound = 1ULL << i;

		fprintf(page->stream, "%s_bucket{le=\"%.9f\"} %" PRIu64 "\n",
			latency.name, (double)(bound - 1) / SECOND_NS,
			histogram_below(histogram, bound));
	}
	fprintf(page->stream,
		"%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
		"%s_sum %.9f\n%s_count %" PRIu64 "\n",
		latency.name, count, latency.name,
		(double)counter_read(&histogram->sum) / SECOND_NS, latency.name,
		count);
}

/* Its number keeps it apart from another that has, or had, its name. */
static void write_interface(const struct page *page,
			    const struct meter_line *line,
			    const char *const labels[2], uint32_t ifindex)
{
	char name[IF_NAMESIZE] = "";

	if (line->key == METER_OTHERS)
		snprintf(name, sizeof(name), "others");
	else if (ifindex != METER_UNKNOWN)
		reading_interface(page->reading, line->nsid, ifindex, name);
	write_label(page->stream, labels[0], name);
	if (*name && line->key != METER_OTHERS)
		fprintf(page->stream, ",%s=\"%u\"", labels[1], ifindex);
	else
		fprintf(page->stream, ",%s=\"\"", labels[1]);
}

/*
 * As {group="5"} or {input="eth0",iif="2",output="",oif=""}, and with ,nsid="7" of
 * another network namespace.
 */
static void write_key(const struct page *page, enum meter_kind kind,
		      const struct meter_line *line)
{
	static const char *const in[] = { "input", "iif" };
	static const char *const out[] = { "output", "oif" };

	fputc('{', page->stream);
	if (kind == METER_INTERFACE) {
		write_interface(page, line, in, meter_iif(line->key));
		fputc(',', page->stream);
		write_interface(page, line, out, meter_oif(line->key));
	} else if (line->key == METER_OTHERS) {
		fputs("group=\"others\"", page->stream);
	} else {
		fprintf(page->stream, "group=\"%u\"", (uint32_t)line->key);
	}
	if (line->nsid != PSR_NSID_OWN)
		fprintf(page->stream, ",nsid=\"%d\"", line->nsid);
	fputs("} ", page->stream);
}

/* One metric of all lines. */
static void write_lines(const struct page *page, enum meter_kind kind,
			const struct line_metric *metric)
{
	const char *prefix =
		kind == METER_GROUP ? "psring_group" : "psring_interface";

	fprintf(page->stream, "# HELP %s_%s %s\n# TYPE %s_%s counter\n", prefix,
		metric->suffix, metric->help, prefix, metric->suffix);
	for (uint32_t i = 0; i <= METER_ROWS; i++) {
		const struct meter_line *line =
			&page->reading->lines.of[kind][i];

		if (!line->is_used)
			continue;
		fprintf(page->stream, "%s_%s", prefix, metric->suffix);
		write_key(page, kind, line);
		fprintf(page->stream, "%.17g\n", line->total[metric->sum]);
	}
}

void metrics_write(const struct reading *reading, const struct options *options,
		   FILE *stream)
{
	const struct page page = { reading, options, stream };
	size_t count = sizeof(line_metrics) / sizeof(*line_metrics);

	write_info(&page);
	write_queues(&page);
	write_lost(&page);
	write_threads(&page);
	write_latency(&page);
	for (enum meter_kind kind = 0; kind < METER_KINDS; kind++)
		for (size_t i = 0; i < count; i++)
			write_lines(&page, kind, &line_metrics[i]);
}
