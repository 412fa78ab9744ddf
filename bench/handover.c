/* SPDX-License-Identifier: MIT */
/*
 * Two threads on two CPUs and the time between them; psring's ring, used as the
 * engine uses it; and the cache line.
 */
#include "handover.h"
#include "clock.h"
#include "ring.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#define ROUND_TRIPS 200000u

struct run {
	const struct handover *handover;
	uint32_t batch;
	uint32_t views;
	_Atomic(uint32_t) ready; /* threads */
	int64_t elapsed_ns;
	int error;
};

static int cpus[2]; /* of the producer, of the consumer */

void handover_pin(int producer_cpu, int consumer_cpu)
{
	cpus[0] = producer_cpu;
	cpus[1] = consumer_cpu;
}

/* Return: 0 or an errno, as of pthread_create. */
static int thread_start(int cpu, void *(*start)(void *), void *arg,
			pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	cpu_set_t set;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	error = pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	if (!error)
		error = pthread_create(ret_thread, &attributes, start, arg);
	pthread_attr_destroy(&attributes);
	return error;
}

/* Both threads run before the time does. */
static void meet(struct run *run)
{
	atomic_fetch_add(&run->ready, 1);
	while (atomic_load(&run->ready) < 2)
		;
}

static void *run_producer(void *arg)
{
	struct run *run = arg;

	meet(run);
	run->handover->produce(run->batch, run->views);
	return NULL;
}

static void *run_consumer(void *arg)
{
	struct run *run = arg;
	pthread_t producer;
	int64_t start_ns;

	run->error = thread_start(cpus[0], run_producer, run, &producer);
	if (run->error)
		return NULL;
	meet(run);
	start_ns = clock_now_ns();
	if (!run->handover->consume(run->batch, run->views))
		run->error = EBADMSG;
	run->elapsed_ns = clock_now_ns() - start_ns;
	pthread_join(producer, NULL);
	return NULL;
}

int handover_run(const struct handover *handover, uint32_t batch,
		 uint32_t views, double *ret_ns)
{
	struct run run = { .handover = handover,
			   .batch = batch,
			   .views = views };
	pthread_t consumer;
	int error;

	if (batch == 0 || batch > HANDOVER_SLOTS || views == 0)
		return -EINVAL;
	error = thread_start(cpus[1], run_consumer, &run, &consumer);
	if (error)
		return -error;
	pthread_join(consumer, NULL);
	if (run.error)
		return -run.error;
	*ret_ns = (double)run.elapsed_ns / views;
	return 0;
}

alignas(CACHE_LINE) static struct psr_view slots[HANDOVER_SLOTS];
static struct ring ring;

static uint32_t reap(void)
{
	uint32_t count = ring_released(&ring);

	for (uint32_t i = 0; i < count; i++)
		(void)ring_reap(&ring);
	return count;
}

/* As the engine: what was released is taken back once in a turn. */
static void produce(uint32_t batch, uint32_t views)
{
	uint32_t free_slots = HANDOVER_SLOTS;
	uint32_t count;

	for (uint32_t sent = 0; sent < views; sent += count) {
		count = views - sent < batch ? views - sent : batch;
		do
			free_slots += reap();
		while (free_slots < count);
		for (uint32_t i = 0; i < count; i++)
			handover_write(ring_next(&ring, i), sent + i);
		ring_push(&ring, count);
		free_slots -= count;
	}
}

static bool consume(uint32_t batch, uint32_t views)
{
	const struct psr_view *run;
	uint32_t expected = 0;
	bool whole = true;
	uint32_t count;

	while (expected < views) {
		count = ring_peek(&ring, &run);
		if (count > batch)
			count = batch;
		for (uint32_t i = 0; i < count; i++)
			whole &= handover_read(&run[i], &expected);
		if (count > 0)
			(void)ring_release(&ring, count);
	}
	return whole && ring_count(&ring) == 0;
}

int handover_psring(uint32_t batch, uint32_t views, double *ret_ns)
{
	static const struct handover psring = { produce, consume };

	ring_init(&ring, slots, HANDOVER_SLOTS);
	return handover_run(&psring, batch, views, ret_ns);
}

/*
 * A virtual machine's CPUs move, and with them the time of a line and every
 * figure of a ring: hence measured beside them.
 */
static _Atomic(uint32_t) ball;

static void throw_ball(uint32_t batch, uint32_t trips)
{
	(void)batch;
	for (uint32_t i = 0; i < 2 * trips; i += 2) {
		atomic_store(&ball, i + 1);
		while (atomic_load(&ball) != i + 2)
			;
	}
}

static bool return_ball(uint32_t batch, uint32_t trips)
{
	(void)batch;
	for (uint32_t i = 0; i < 2 * trips; i += 2) {
		while (atomic_load(&ball) != i + 1)
			;
		atomic_store(&ball, i + 2);
	}
	return true;
}

int handover_line(double *ret_ns)
{
	static const struct handover line = { throw_ball, return_ball };

	atomic_store(&ball, 0);
	return handover_run(&line, 1, ROUND_TRIPS, ret_ns);
}
