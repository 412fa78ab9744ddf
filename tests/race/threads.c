/* SPDX-License-Identifier: MIT */
/*
 * Whose thread is whose: the ingest thread takes none of the caller's signals,
 * a signal ends the consumer's wait and nothing that the other calls do, and
 * without an ingest thread a queue belongs to the thread that used it first.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#define NOBODY UINT32_MAX /* no sender has this port */

static pthread_t main_thread;

static void ignore(int number)
{
	(void)number;
}

/* Blocked is what cannot arrive, whoever sends it. */
static void test_ingest_takes_none(enum psr_transport transport)
{
	struct psr_config config = test_config(MCGROUP_THREADS);
	sigset_t before, after;
	uint64_t blocked;
	struct psr *psr;

	config.transport = transport;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	psr = test_open(&config);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	blocked = test_thread_status(test_newest_thread(), "SigBlk", 16);
	for (int number = 1; number < 32; number++) {
		CHECK(sigismember(&before, number) ==
			      sigismember(&after, number),
		      "psr_open changed the mask for signal %d", number);
		CHECK(number == SIGKILL || number == SIGSTOP ||
			      blocked >> (number - 1) & 1,
		      "the ingest thread takes signal %d", number);
	}
	psr_close(psr);
}

#define WAITS 40u

struct signals {
	_Atomic(uint32_t) ended; /* waits so far */
	uint32_t sent;
};

/* One signal for each wait; another only where it came before the sleep. */
static void *signal_main(void *arg)
{
	struct signals *signals = arg;
	uint32_t ended;

	while ((ended = atomic_load(&signals->ended)) < WAITS) {
		clock_sleep_until(clock_now_ns() + 5 * NS_PER_MS);
		pthread_kill(main_thread, SIGUSR1);
		signals->sent++;
		for (uint32_t ms = 0;
		     ms < 500 && atomic_load(&signals->ended) == ended; ms++)
			clock_sleep_until(clock_now_ns() + NS_PER_MS);
	}
	return NULL;
}

/* Also in the sleep that wait_us asks for: every wait but the first is there. */
static void test_signal_ends_wait(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_THREADS);
	struct signals signals = { 0 };
	struct psr_queue *queues[2];
	pthread_t thread;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.queue_count = 2;
	config.usersock_portid = NOBODY;
	config.wait_us = PSR_WAIT_US_MAX;
	psr = test_open(&config);
	queues[0] = psr_queue(psr, 0);
	queues[1] = psr_queue(psr, 1);
	test_start(psr);
	CHECK(pthread_create(&thread, NULL, signal_main, &signals) == 0,
	      "thread");
	for (uint32_t i = 0; i < WAITS; i++) {
		int verdict = i % 2 ? psr_wait_any(queues, 2, -1)
				    : psr_queue_wait(queues[0], -1);

		CHECK(verdict == 0, "wait %u: %d", i, verdict);
		atomic_store(&signals.ended, i + 1);
		test_progress(i + 1);
	}
	pthread_join(thread, NULL);
	CHECK(signals.sent < WAITS + WAITS / 4,
	      "%s, %u ingest threads: %u signals for %u waits",
	      test_transport_name(mode->transport), mode->ingest_threads,
	      signals.sent, WAITS);
	psr_close(psr);
}

#define LIVES	10u
#define TICK_US 1000

/* As under a profiler. The program for flows takes longest to verify. */
static void test_signals_end_nothing_else(const struct test_mode *mode)
{
	const struct itimerval ticking = { { 0, TICK_US }, { 0, TICK_US } };
	const struct itimerval stopped = { { 0, 0 }, { 0, 0 } };
	struct psr_config config = test_config(MCGROUP_THREADS);
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.queue_count = 2;
	if (mode->transport == PSR_TRANSPORT_BPF)
		config.shard = PSR_SHARD_FLOW;
	CHECK(setitimer(ITIMER_REAL, &ticking, NULL) == 0, "errno %d", errno);
	for (uint32_t life = 0; life < LIVES; life++) {
		psr = test_open(&config);
		test_start(psr);
		test_stop(psr);
		psr_close(psr);
		test_progress(life);
	}
	CHECK(setitimer(ITIMER_REAL, &stopped, NULL) == 0, "errno %d", errno);
}

static void *wait_elsewhere(void *arg)
{
	struct psr_queue *queue = arg;
	int verdict = psr_queue_wait(queue, 0);

	CHECK(verdict == -EEXIST, "%d", verdict);
	return NULL;
}

static void test_owner(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_THREADS);
	struct psr_config config = test_config(MCGROUP_THREADS);
	pthread_t thread;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	psr = test_open(&config);
	test_start(psr);
	CHECK(psr_queue_wait(psr_queue(psr, 0), 0) == 0, "not empty");
	CHECK(pthread_create(&thread, NULL, wait_elsewhere,
			     psr_queue(psr, 0)) == 0,
	      "thread");
	pthread_join(thread, NULL);
	test_sender_send(&sender, 1);
	test_expect(psr_queue(psr, 0), 0);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	/* As signal(3) sets it. */
	struct sigaction action = { .sa_handler = ignore,
				    .sa_flags = SA_RESTART };

	test_watch("threads");
	main_thread = pthread_self();
	sigaction(SIGUSR1, &action, NULL);
	for (uint32_t i = 0; i < TEST_MODES; i++)
		test_signal_ends_wait(&test_modes[i]);
	action.sa_flags = 0;
	sigaction(SIGALRM, &action, NULL);
	for (uint32_t i = 0; i < TEST_MODES; i++)
		test_signals_end_nothing_else(&test_modes[i]);
	test_ingest_takes_none(PSR_TRANSPORT_URING);
	test_ingest_takes_none(PSR_TRANSPORT_RECVMMSG);
	for (uint32_t i = 0; i < TEST_MODES; i++)
		if (test_modes[i].ingest_threads == 0)
			test_owner(&test_modes[i]);
	puts("each thread kept to its own");
	return 0;
}
