/* SPDX-License-Identifier: MIT */
/*
 * Scenario ring: the hand-over of views between two threads on two CPUs, with
 * nothing else: a view is written whole, read, and its slot comes back. The
 * producer pushes batches, the consumer takes what is there, as in the engine.
 */
#include "bench.h"
#include "clocks.h"
#include "figures.h"
#include "ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 2048
#define BATCH 32
#define VIEWS 20000000u

static struct ring ring;

static void pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)cpu, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

/*
 * What the machine gives: how long a line takes to the other CPU and back. A
 * virtual machine's CPUs move, and with them this and every figure of a ring.
 */
#define ROUND_TRIPS 200000u

static _Atomic(uint32_t) ball;

static void *return_ball(void *arg)
{
	(void)arg;
	pin(SENDER_CPU);
	for (uint32_t i = 0; i < 2 * ROUND_TRIPS; i += 2) {
		while (atomic_load(&ball) != i + 1)
			;
		atomic_store(&ball, i + 2);
	}
	return NULL;
}

static void play(void)
{
	for (uint32_t i = 0; i < 2 * ROUND_TRIPS; i += 2) {
		atomic_store(&ball, i + 1);
		while (atomic_load(&ball) != i + 2)
			;
	}
}

static int time_line(double *ret_ns)
{
	uint64_t start_ns;
	pthread_t other;

	atomic_store(&ball, 0);
	if (pthread_create(&other, NULL, return_ball, NULL) != 0)
		return 1;
	pin(RECEIVER_CPU);
	start_ns = clock_wall_ns();
	play();
	*ret_ns = (double)(clock_wall_ns() - start_ns) / ROUND_TRIPS;
	pthread_join(other, NULL);
	return 0;
}

static uint32_t reap(uint32_t free_slots)
{
	uint32_t count = ring_released(&ring);

	for (uint32_t i = 0; i < count; i++)
		(void)ring_reap(&ring);
	return free_slots + count;
}

static void *produce(void *arg)
{
	uint32_t free_slots = SLOTS;

	(void)arg;
	pin(SENDER_CPU);
	for (uint32_t sent = 0; sent < VIEWS; sent += BATCH) {
		while (free_slots < BATCH)
			free_slots = reap(free_slots);
		for (uint32_t i = 0; i < BATCH; i++)
			*ring_next(&ring, i) =
				(struct psr_view){ .group_seq = sent + i };
		ring_push(&ring, BATCH);
		free_slots -= BATCH;
	}
	return NULL;
}

/* False: a view came twice, out of order or not at all. */
static bool consume(void)
{
	uint32_t expected = 0;
	bool whole = true;
	const struct psr_view *views;
	uint32_t count;

	while (expected < VIEWS) {
		count = ring_peek(&ring, &views);
		for (uint32_t i = 0; i < count; i++)
			whole &= views[i].group_seq == expected++;
		if (count)
			(void)ring_release(&ring, count);
	}
	return whole;
}

static int run_round(struct psr_view *slots, double *ret_ns)
{
	uint64_t start_ns = clock_wall_ns();
	pthread_t producer;
	bool whole;

	ring_init(&ring, slots, SLOTS);
	if (pthread_create(&producer, NULL, produce, NULL) != 0) {
		fprintf(stderr, "psring-bench: ring: no thread to be had\n");
		return 1;
	}
	pin(RECEIVER_CPU);
	whole = consume();
	pthread_join(producer, NULL);
	*ret_ns = (double)(clock_wall_ns() - start_ns) / VIEWS;
	if (!whole)
		fprintf(stderr, "psring-bench: ring: views out of order\n");
	return whole ? 0 : 1;
}

int bench_ring(const struct bench *bench)
{
	struct psr_view *slots =
		aligned_alloc(CACHE_LINE, SLOTS * sizeof(*slots));
	struct figures figures = { 0 }, lines = { 0 };
	char text[FIGURES_TEXT];
	double ns = 0;
	int failed = slots ? 0 : 1;

	for (uint32_t round = 0; round < bench->rounds && !failed; round++) {
		failed = time_line(&ns);
		figures_add(&lines, ns);
		failed = failed || run_round(slots, &ns);
		figures_add(&figures, ns);
	}
	free(slots);
	if (failed)
		return failed;
	printf("ring: 64-byte views in batches of %u through %u slots, "
	       "between CPU %d and CPU %d; %u rounds of %u\n",
	       BATCH, SLOTS, SENDER_CPU, RECEIVER_CPU, bench->rounds, VIEWS);
	printf("%-16s %s ns/view\n", "psring", figures_text(&figures, 2, text));
	printf("%-16s %s ns to the other CPU and back\n", "a cache line",
	       figures_text(&lines, 0, text));
	return 0;
}
