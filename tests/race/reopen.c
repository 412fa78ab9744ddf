/* SPDX-License-Identifier: MIT */
/*
 * Engines are opened, started and closed while they run, ten thousand times, by
 * several threads at once: descriptors, threads, mappings and memory of the
 * process are the same after the first tenth of them and after all.
 *
 * The sanitizers' allocators keep what was freed: there it is their business to
 * tell of memory that is lost.
 */
#include "test.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define ROUNDS	    (UNDER_TSAN ? 2000 : 10000)
#define ROUNDS_BPF  2000
#define NOBODY	    UINT32_MAX /* no sender has this port */
#define THREADS	    8u
#define THREADS_BPF 32u /* the kernel waits for RCU in each */

/*
 * What comes and goes by chance: some bytes that are in use, and free pages
 * between them. If each engine left as little as a page it were 7 MiB.
 */
#define STRAY_BYTES	  8192
#define STRAY_PAGES_BYTES (1 << 20)

struct holdings {
	uint64_t descriptors;
	uint64_t mappings;
	uint64_t mapped_bytes;
	uint64_t resident_bytes;
	uint64_t heap_bytes;
};

static uint64_t count_mappings(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	uint64_t count = 0;
	int byte;

	CHECK(file, "/proc/self/maps");
	while ((byte = fgetc(file)) != EOF)
		count += byte == '\n';
	fclose(file);
	return count;
}

static struct holdings take_stock(void)
{
	(void)malloc_trim(0);
	return (struct holdings){
		.descriptors = test_count_fds(),
		.mappings = count_mappings(),
		.mapped_bytes = test_thread_status(getpid(), "VmSize", 10)
				<< 10,
		.resident_bytes = test_thread_status(getpid(), "VmRSS", 10)
				  << 10,
		.heap_bytes = mallinfo2().uordblks,
	};
}

struct reopening {
	const struct test_mode *mode;
	_Atomic(int) left; /* engines to open */
};

/* Closed in mid-flight, by the thread that drives it where there is no other. */
static void open_and_close(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_LIFECYCLE);
	struct psr *psr;
	int verdict;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = NOBODY;
	config.buffer_count = 16;
	config.rcvbuf_bytes = 128 << 10;
	psr = test_open(&config);
	test_start(psr);
	verdict = psr_queue_wait(psr_queue(psr, 0), 0);
	CHECK(verdict == 0, "psr_queue_wait: %d", verdict);
	psr_close(psr);
}

static void *reopen(void *arg)
{
	struct reopening *reopening = arg;
	int left;

	while ((left = atomic_fetch_sub(&reopening->left, 1)) > 0) {
		open_and_close(reopening->mode);
		test_progress((uint64_t)left);
	}
	return NULL;
}

/* By several threads at once; returns what the process has when they are gone. */
static struct holdings run(const struct test_mode *mode, int rounds)
{
	const uint32_t threads =
		mode->transport == PSR_TRANSPORT_BPF ? THREADS_BPF : THREADS;
	struct reopening reopening = { .mode = mode, .left = rounds };
	const uint32_t alone = test_count_threads();
	pthread_t ids[THREADS_BPF];

	for (uint32_t i = 0; i < threads; i++)
		CHECK(pthread_create(&ids[i], NULL, reopen, &reopening) == 0,
		      "thread");
	for (uint32_t i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	AWAIT(test_count_threads() == alone, "%s: %u threads, not %u",
	      test_transport_name(mode->transport), test_count_threads(),
	      alone);
	return take_stock();
}

static void check_memory(const char *name, const struct holdings *before,
			 const struct holdings *after)
{
	CHECK(after->mappings == before->mappings,
	      "%s: %" PRIu64 " mappings, not %" PRIu64, name, after->mappings,
	      before->mappings);
	CHECK(after->heap_bytes < before->heap_bytes + STRAY_BYTES,
	      "%s: %" PRIu64 " bytes of heap, not %" PRIu64, name,
	      after->heap_bytes, before->heap_bytes);
	CHECK(after->mapped_bytes < before->mapped_bytes + STRAY_PAGES_BYTES,
	      "%s: %" PRIu64 " bytes mapped, not %" PRIu64, name,
	      after->mapped_bytes, before->mapped_bytes);
	CHECK(after->resident_bytes <
		      before->resident_bytes + STRAY_PAGES_BYTES,
	      "%s: %" PRIu64 " bytes resident, not %" PRIu64, name,
	      after->resident_bytes, before->resident_bytes);
}

static void check(const struct test_mode *mode)
{
	const int rounds =
		mode->transport == PSR_TRANSPORT_BPF ? ROUNDS_BPF : ROUNDS;
	const char *name = test_transport_name(mode->transport);
	struct holdings before = run(mode, rounds / 10);
	struct holdings after = run(mode, rounds - rounds / 10);

	CHECK(after.descriptors == before.descriptors,
	      "%s: %" PRIu64 " descriptors, not %" PRIu64, name,
	      after.descriptors, before.descriptors);
	if (!UNDER_SANITIZER)
		check_memory(name, &before, &after);
	printf("%s, %u ingest threads: %d engines, %" PRIu64
	       " KiB resident, then %" PRIu64 "\n",
	       name, mode->ingest_threads, rounds, before.resident_bytes >> 10,
	       after.resident_bytes >> 10);
}

int main(void)
{
	/* Which thread finds which arena is chance. */
	(void)mallopt(M_ARENA_MAX, 1);
	test_watch("reopen: engines left");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		check(&test_modes[i]);
	return 0;
}
