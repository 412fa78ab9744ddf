/* SPDX-License-Identifier: MIT */
/*
 * Errors that pass: recvmmsg, io_uring_enter2 and io_uring_submit are wrapped,
 * and fail a few times as they do when the kernel is short of memory. Every
 * sample arrives nevertheless, and every stop is heard. An error that stays
 * ends the queue, and is what the consumer is told.
 */
#include "test.h"

#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#define BUFFERS	 4u
#define BURST	 (BUFFERS + 2) /* the receive ends, and is armed again */
#define ROUNDS	 200u
#define STOPS	 20u
#define FOR_EVER INT32_MAX

static _Atomic(int) failures; /* calls that fail yet */
static _Atomic(int) error;

static bool fails(void)
{
	int left = atomic_load(&failures);

	while (left > 0 && left != FOR_EVER)
		if (atomic_compare_exchange_weak(&failures, &left, left - 1))
			return true;
	return left > 0;
}

int __real_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
		    int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
		    int flags, struct timespec *timeout);
/* NOLINTNEXTLINE(readability-function-size): it has six */
int __real_io_uring_enter2(unsigned int fd, unsigned int submit,
			   unsigned int wait, unsigned int flags,
			   sigset_t *argument, size_t bytes);
/* NOLINTNEXTLINE(readability-function-size) */
int __wrap_io_uring_enter2(unsigned int fd, unsigned int submit,
			   unsigned int wait, unsigned int flags,
			   sigset_t *argument, size_t bytes);

int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
		    int flags, struct timespec *timeout)
{
	if (!fails())
		return __real_recvmmsg(fd, headers, count, flags, timeout);
	errno = atomic_load(&error);
	return -1;
}

/* NOLINTNEXTLINE(readability-function-size) */
int __wrap_io_uring_enter2(unsigned int fd, unsigned int submit,
			   unsigned int wait, unsigned int flags,
			   sigset_t *argument, size_t bytes)
{
	if (!fails())
		return __real_io_uring_enter2(fd, submit, wait, flags, argument,
					      bytes);
	return -atomic_load(&error);
}

int __real_io_uring_submit(struct io_uring *ring);
int __wrap_io_uring_submit(struct io_uring *ring);

int __wrap_io_uring_submit(struct io_uring *ring)
{
	/* The queue's receive and the bell's read, neither twice. */
	CHECK(io_uring_sq_ready(ring) <= 2, "%u", io_uring_sq_ready(ring));
	return fails() ? -atomic_load(&error) : __real_io_uring_submit(ring);
}

static void check_passing(struct psr *psr, struct test_sender *sender)
{
	/* Of an empty socket recvmmsg says EAGAIN: that is no error. */
	static const int errors[] = { ENOMEM, ENOBUFS, EBUSY, EAGAIN };
	const uint32_t count =
		psr->info.transport == PSR_TRANSPORT_RECVMMSG ? 3 : 4;
	struct psr_stats stats;
	uint32_t next = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		atomic_store(&error, errors[i % count]);
		atomic_store(&failures, (int)(i % 5));
		test_sender_send(sender, i % 2 ? BURST : 1);
		while (next < sender->sent)
			test_expect(psr_queue(psr, 0), next++);
		test_progress(i);
	}
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.received == sender->sent &&
		      stats.lost_socket == 0,
	      "received %llu", (unsigned long long)stats.received);
	CHECK(stats.arms <= stats.stalls + 1, "arms %llu, stalls %llu",
	      (unsigned long long)stats.arms, (unsigned long long)stats.stalls);
}

/* The driver is called by a bell, which is armed again each time. */
static void check_stops(struct psr *psr)
{
	for (uint32_t i = 0; i < STOPS; i++) {
		atomic_store(&failures, (int)(i % 5));
		test_stop(psr);
		CHECK(test_drain(psr_queue(psr, 0)) == 0, "stop %u", i);
		test_start(psr);
	}
}

static void run(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_PASSING_ERRORS);
	struct psr_config config = test_config(MCGROUP_PASSING_ERRORS);
	const struct psr_view *views;
	struct psr *psr;
	int verdict;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender.portid;
	config.wait_us = 100;
	config.buffer_count = BUFFERS;
	psr = test_open(&config);
	test_start(psr);
	check_passing(psr, &sender);
	check_stops(psr);
	atomic_store(&error, EIO);
	atomic_store(&failures, FOR_EVER);
	/* A sleep that began before ends once more well. */
	do {
		test_sender_send(&sender, 1);
		verdict = psr_queue_wait(psr_queue(psr, 0), GIVE_UP_MS);
		if (verdict == 1)
			psr_queue_release(
				psr_queue(psr, 0),
				psr_queue_peek(psr_queue(psr, 0), &views));
	} while (verdict >= 0);
	CHECK(verdict == -EIO, "%s, %u ingest threads: %d",
	      test_transport_name(mode->transport), mode->ingest_threads,
	      verdict);
	atomic_store(&failures, 0);
	psr_close(psr);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("passing_errors: sample");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		if (test_modes[i].transport != PSR_TRANSPORT_BPF)
			run(&test_modes[i]);
	puts("what passes passed");
	return 0;
}
