/* SPDX-License-Identifier: MIT */
/*
 * Scenarios flood and rate: the same sender for every reader, in interleaved
 * rounds, so that a change of the machine's mood hits all of them.
 */
#include "bench.h"
#include "figures.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

#define USERSOCK_GROUP 30
#define FLOOD_ESTIMATE 500000 /* samples/s: turns a duration into a count */

static const struct reader *const readers[] = { &reader_recv, &reader_uring };

#define READERS (sizeof(readers) / sizeof(readers[0]))

struct row {
	struct figures delivered; /* thousand samples per second */
	struct figures cpu;	  /* ns per sample of the receiving side */
	struct figures sender_cpu;
	struct figures wakeups; /* per sample */
	uint64_t sent;
	uint64_t received;
	uint64_t lost;
};

static void row_add(struct row *row, const struct reader_result *result,
		    const struct synthetic *synthetic)
{
	double received = (double)result->received;
	uint64_t sent = synthetic_sent(synthetic);

	figures_add(&row->delivered,
		    received / (double)result->elapsed_ns * 1e6);
	figures_add(&row->cpu, (double)result->cpu_ns / received);
	figures_add(&row->sender_cpu,
		    (double)synthetic_cpu_ns(synthetic) / (double)sent);
	figures_add(&row->wakeups, (double)result->wakeups / received);
	row->sent += sent;
	row->received += result->received;
	row->lost += result->lost;
}

static int run_reader(const struct bench *bench, const struct reader *reader,
		      uint64_t rate, struct row *row)
{
	struct reader_result result;
	struct synthetic_config config;
	struct synthetic *synthetic;
	const char *cause = "opening the sender";
	int err;

	synthetic_config_init(&config);
	config.usersock_group = USERSOCK_GROUP;
	config.rate = rate;
	config.count = (uint64_t)(bench->duration_s *
				  (double)(rate ? rate : FLOOD_ESTIMATE));
	config.cpu = SENDER_CPU;
	err = synthetic_open(&config, &synthetic, &cause);
	if (!err) {
		err = reader->run(synthetic, USERSOCK_GROUP, bench->queue_count,
				  &result, &cause);
		if (!err)
			row_add(row, &result, synthetic);
		synthetic_close(synthetic);
	}
	if (err)
		fprintf(stderr, "psring-bench: %s: %s: %s\n", reader->name,
			cause, strerrordesc_np(-err));
	return err ? 1 : 0;
}

static void print_row(const struct reader *reader, const struct row *row)
{
	char delivered[FIGURES_TEXT], cpu[FIGURES_TEXT], sender[FIGURES_TEXT];
	char wakeups[FIGURES_TEXT];

	printf("%-8s %-34s %-34s %-34s %-32s %10llu %8llu%s\n", reader->name,
	       figures_text(&row->delivered, 1, delivered),
	       figures_text(&row->cpu, 0, cpu),
	       figures_text(&row->sender_cpu, 0, sender),
	       figures_text(&row->wakeups, 5, wakeups),
	       (unsigned long long)row->sent, (unsigned long long)row->lost,
	       row->sent == row->received + row->lost ? "" : "  UNBALANCED");
}

static void print_table(const struct row *rows)
{
	printf("%-8s %-34s %-34s %-34s %-32s %10s %8s\n", "reader",
	       "delivered, 1000/s", "receiver CPU, ns/sample",
	       "sender CPU, ns/sample", "wake-ups/sample", "sent", "lost");
	for (uint32_t i = 0; i < READERS; i++)
		print_row(readers[i], &rows[i]);
	for (uint32_t i = 0; i < READERS; i++)
		printf("  %s: %s\n", readers[i]->name, readers[i]->does);
	printf("uring used %.2f times the CPU of recv per sample, "
	       "and delivered %.2f times its rate\n",
	       figures_median(&rows[1].cpu) / figures_median(&rows[0].cpu),
	       figures_median(&rows[1].delivered) /
		       figures_median(&rows[0].delivered));
}

static int run_rounds(const struct bench *bench, uint64_t rate)
{
	struct row rows[READERS] = { 0 };
	int failed = 0;

	for (uint32_t round = 0; round < bench->rounds && !failed; round++)
		for (uint32_t i = 0; i < READERS && !failed; i++)
			failed = run_reader(bench, readers[i], rate, &rows[i]);
	if (!failed)
		print_table(rows);
	return failed;
}

int bench_flood(const struct bench *bench)
{
	printf("flood: a sender on CPU %d as quick as it can, 128-byte "
	       "samples, everything else on CPU %d; %u rounds, median [min .. "
	       "max]\n(a USERSOCK sender yields when a receiver is over half "
	       "full: loss limits need a real psample)\n",
	       SENDER_CPU, RECEIVER_CPU, bench->rounds);
	return run_rounds(bench, 0);
}

int bench_rate(const struct bench *bench)
{
	printf("rate: a sender on CPU %d paced at %llu samples/s, everything "
	       "else on CPU %d; %u rounds, median [min .. max]\n",
	       SENDER_CPU, (unsigned long long)bench->rate, RECEIVER_CPU,
	       bench->rounds);
	return run_rounds(bench, bench->rate);
}
