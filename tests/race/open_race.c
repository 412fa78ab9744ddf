/* SPDX-License-Identifier: MIT */
/*
 * Engines of all transports are opened, used and closed in several threads at
 * once, and none knows of the others: each hears its own sender, and what is the
 * process's own is as before: descriptors, threads, libbpf's print callback.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#if PSRING_HAS_BPF
#include <bpf/libbpf.h>
#endif

#define THREADS_EACH 2u /* for each mode */
#define THREADS	     (TEST_MODES * THREADS_EACH)
#define ROUNDS	     20u

static pthread_barrier_t together;

/* Opens beside the others; hears the sender that is its own. */
static void open_and_use(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_MANY);
	struct psr_config config = test_config(MCGROUP_MANY);
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	config.buffer_count = 16;
	config.rcvbuf_bytes = 128 << 10;
	pthread_barrier_wait(&together);
	psr = test_open(&config);
	test_start(psr);
	test_sender_send(&sender, 3);
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == 3, "%s, %u ingest threads",
	      test_transport_name(mode->transport), mode->ingest_threads);
	psr_close(psr);
	test_sender_close(&sender);
}

static void *open_rounds(void *arg)
{
	const struct test_mode *mode = arg;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		open_and_use(mode);
		test_progress(round);
	}
	return NULL;
}

#if PSRING_HAS_BPF
static int print_nothing(enum libbpf_print_level level, const char *format,
			 va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

static void set_print(void)
{
	(void)libbpf_set_print(print_nothing);
}

static void check_print(void)
{
	CHECK(libbpf_set_print(NULL) == print_nothing,
	      "libbpf's print callback is not the program's any more");
}
#else
static void set_print(void)
{
}

static void check_print(void)
{
}
#endif

int main(void)
{
	struct test_mode modes[TEST_MODES];
	pthread_t threads[THREADS];
	uint32_t fds, tasks;

	test_watch("open_race: round");
	memcpy(modes, test_modes, sizeof(modes));
	pthread_barrier_init(&together, NULL, THREADS);
	fds = test_count_fds();
	tasks = test_count_threads();
	set_print();
	for (uint32_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, open_rounds,
				     &modes[i % TEST_MODES]) == 0,
		      "thread");
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_print();
	CHECK(test_count_fds() == fds, "%u descriptors, not %u",
	      test_count_fds(), fds);
	AWAIT(test_count_threads() == tasks, "%u threads, not %u",
	      test_count_threads(), tasks);
	printf("%u threads opened %u engines each\n", THREADS, ROUNDS);
	return 0;
}
