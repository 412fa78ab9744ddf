/* SPDX-License-Identifier: MIT */
/*
 * rates.c - how many packets and bytes went by, by sample group
 *
 *	rates SECONDS [USERSOCK-GROUP]
 *
 * A sample of one packet in N stands for N packets. What was lost is shared out:
 * where the engine lost a part of all that it was sent, as the kernel counted,
 * each sample that came stands for those that did not as well. Two samples give
 * a poor estimate, many a good one: its error of 95 % is 1.96 / sqrt(samples).
 */
#include <inttypes.h>
#include <math.h>
#include <psring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUPS_MAX 1024

struct traffic {
	uint32_t group;
	uint64_t samples;
	double packets;
	double bytes;
};

static struct traffic table[GROUPS_MAX];
static uint32_t group_count;

/* The groups are few: a search from the front will do. */
static struct traffic *traffic_of(uint32_t group)
{
	uint32_t i = 0;

	while (i < group_count && table[i].group != group)
		i++;
	if (i == GROUPS_MAX)
		return NULL;
	if (i == group_count)
		table[group_count++].group = group;
	return &table[i];
}

static void add(const struct psr_view *view)
{
	struct traffic *traffic = traffic_of(view->group);
	double packets = view->rate;

	if (!traffic)
		return;
	if (view->fields & PSR_FIELD_PROBABILITY)
		packets = view->rate ? (double)UINT32_MAX / view->rate : 0;
	traffic->samples++;
	traffic->packets += packets;
	traffic->bytes += packets * view->orig_size;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Then what was queued when the engine was stopped. Returns -ESHUTDOWN. */
static int drain(struct psr *psr, double seconds)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	const struct psr_view *views;
	double end = now() + seconds;
	bool stopped = false;
	int verdict = 0;

	while (verdict >= 0) {
		if (!stopped && now() >= end) {
			verdict = psr_stop(psr);
			stopped = true;
			continue;
		}
		uint32_t count = psr_queue_peek(queue, &views);
		for (uint32_t i = 0; i < count; i++)
			add(&views[i]);
		psr_queue_release(queue, count);
		verdict = psr_queue_wait(queue, stopped ? -1 : 10);
	}
	return verdict;
}

static void report(struct psr *psr, double seconds)
{
	struct psr_stats stats;

	psr_stats(psr, &stats);
	double sent = (double)(stats.received + stats.lost_socket);
	double share = stats.received ? sent / (double)stats.received : 0;
	printf("%10s %10s %14s %16s %7s\n", "group", "samples", "packets/s",
	       "bytes/s", "+-");
	for (uint32_t i = 0; i < group_count; i++)
		printf("%10" PRIu32 " %10" PRIu64 " %14.0f %16.0f %5.1f %%\n",
		       table[i].group, table[i].samples,
		       table[i].packets * share / seconds,
		       table[i].bytes * share / seconds,
		       196 / sqrt((double)table[i].samples));
	printf("lost: %" PRIu64 " of %.0f samples\n", stats.lost_socket, sent);
}

int main(int argc, char **argv)
{
	struct psr_config config;
	const char *cause = "";
	struct psr *psr;

	if (argc < 2)
		return fprintf(stderr, "usage: rates SECONDS "
				       "[USERSOCK-GROUP]\n"),
		       2;
	psr_config_init(&config);
	if (argc > 2) {
		config.source = PSR_SOURCE_USERSOCK;
		config.usersock_group = (uint32_t)strtoul(argv[2], NULL, 10);
	}
	int err = psr_open(&config, &psr, &cause);
	if (!err)
		err = psr_start(psr);
	if (err)
		return fprintf(stderr, "%s: %s\n", cause, strerror(-err)), 1;
	fprintf(stderr, "listening\n");
	double seconds = strtod(argv[1], NULL);
	(void)drain(psr, seconds);
	report(psr, seconds);
	psr_close(psr);
	return 0;
}
