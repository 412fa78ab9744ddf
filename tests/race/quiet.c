/* SPDX-License-Identifier: MIT */
/*
 * Between psr_start and psr_stop nothing is allocated, by ingest or consumer:
 * the allocating functions are wrapped and counted. Idle, the ingest thread
 * sleeps: its context switches stand still; a consumer in its place sleeps
 * once, until its time is over. With busy_poll neither does.
 */
#include "synthetic.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAMPLES	 100000u
#define SWITCHES "voluntary_ctxt_switches"
#define IDLE_MS	 2000

static _Atomic(uint64_t) allocations;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
/* NOLINTNEXTLINE(readability-function-size) */
void *__real_mmap(void *at, size_t bytes, int protection, int flags, int fd,
		  off_t offset);
/* mmap has six. NOLINTNEXTLINE(readability-function-size) */
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd,
		  off_t offset);

void *__wrap_malloc(size_t bytes)
{
	allocations++;
	return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	allocations++;
	return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
	allocations++;
	return __real_realloc(memory, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	allocations++;
	return __real_aligned_alloc(alignment, bytes);
}

/* NOLINTNEXTLINE(readability-function-size) */
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd,
		  off_t offset)
{
	allocations++;
	return __real_mmap(at, bytes, protection, flags, fd, offset);
}

/* Also stalled, slept, and read in the statistics and attributes. */
static void consume(struct psr *psr, struct psr_queue *queue, uint64_t count)
{
	struct psr_group_stats groups[1];
	const struct psr_view *views;
	uint64_t taken = 0;
	uint64_t bytes;
	uint32_t ready;

	while (taken < count) {
		CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "%" PRIu64,
		      taken);
		ready = psr_queue_peek(queue, &views);
		test_check_views(views, ready);
		(void)psr_view_out_tc_occ(queue, views, &bytes);
		psr_queue_release(queue, ready);
		(void)test_stats(psr);
		(void)psr_group_stats(psr, groups, 1);
		taken += ready;
		test_progress(taken);
	}
}

static struct synthetic *open_sender(void)
{
	struct synthetic_config config;
	struct synthetic *synthetic;
	const char *cause = NULL;

	synthetic_config_init(&config);
	config.usersock_group = MCGROUP_QUIET;
	config.count = SAMPLES;
	CHECK(synthetic_open(&config, &synthetic, &cause) == 0, "%s", cause);
	return synthetic;
}

static void test_allocations(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_QUIET);
	struct synthetic *synthetic = open_sender();
	uint64_t before, after;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = synthetic_portid(synthetic);
	config.buffer_count = 256;
	before = allocations;
	psr = test_open(&config);
	CHECK(allocations > before, "nothing is counted");
	before = allocations;
	test_start(psr);
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	consume(psr, psr_queue(psr, 0), SAMPLES);
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == 0, "more than were sent");
	after = allocations;
	CHECK(after == before, "%s, %u ingest threads: %" PRIu64 " allocations",
	      test_transport_name(mode->transport), mode->ingest_threads,
	      after - before);
	synthetic_close(synthetic);
	psr_close(psr);
}

/* After some work. */
static void test_idle(const struct test_mode *mode)
{
	const uint64_t sleeps = mode->ingest_threads > 0 ? 0 : 1;
	struct test_sender sender = test_sender_open(MCGROUP_QUIET);
	struct psr_config config = test_config(MCGROUP_QUIET);
	uint64_t before, after, syscalls;
	struct psr *psr;
	int thread;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	psr = test_open(&config);
	thread = mode->ingest_threads > 0 ? test_newest_thread() : gettid();
	test_start(psr);
	test_sender_send(&sender, 1);
	test_expect(psr_queue(psr, 0), 0);
	/* The last wake-up of the work, and then none. */
	clock_sleep_until(clock_now_ns() + NS_PER_S / 5);
	before = test_thread_status(thread, SWITCHES, 10);
	syscalls = test_stats(psr).syscalls;
	CHECK(psr_queue_wait(psr_queue(psr, 0), IDLE_MS) == 0, "not idle");
	after = test_thread_status(thread, SWITCHES, 10);
	CHECK(after - before <= sleeps,
	      "%s, %u ingest threads: %" PRIu64 " switches in 2 s idle",
	      test_transport_name(mode->transport), mode->ingest_threads,
	      after - before);
	CHECK(test_stats(psr).syscalls - syscalls <= 3 * sleeps,
	      "%" PRIu64 " system calls while idle",
	      test_stats(psr).syscalls - syscalls);
	psr_close(psr);
	test_sender_close(&sender);
}

/* A thread is seen to be busy; a consumer comes back when its time is over. */
static void test_busy_poll(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_QUIET);
	uint64_t syscalls;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.busy_poll = 1;
	psr = test_open(&config);
	test_start(psr);
	syscalls = test_stats(psr).syscalls;
	CHECK(psr_queue_wait(psr_queue(psr, 0), 50) == 0, "not idle");
	if (mode->ingest_threads > 0)
		AWAIT(test_stats(psr).syscalls > syscalls + 1000, "it sleeps");
	CHECK(test_stats(psr).wakeups == 0, "it slept");
	psr_close(psr);
}

int main(void)
{
	test_watch("quiet: samples");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		test_allocations(&test_modes[i]);
		test_idle(&test_modes[i]);
		test_busy_poll(&test_modes[i]);
	}
	puts("nothing allocates, nothing stirs");
	return 0;
}
