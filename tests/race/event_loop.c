/* SPDX-License-Identifier: MIT */
/*
 * psr_queue_fd in an event loop: epoll, level-triggered and edge-triggered,
 * and psr_wait_any over several queues; each transport, with an ingest thread
 * and without. No wake-up is lost, the end is readable too, and the loop does
 * not spin on a descriptor with nothing behind it.
 *
 * The next sample is sent only after the last was released.
 */
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/epoll.h>

#define QUEUES 3u
#define ROUNDS (UNDER_TSAN ? 2000u : 10000u)
#define DAWDLE 20000u

enum way {
	LEVEL,
	EDGE,
	WAIT_ANY
};

static const char *const ways[] = { "level", "edge", "psr_wait_any" };

struct loop {
	struct psr *psr;
	struct psr_queue *queues[QUEUES];
	enum way way;
	int epoll_fd;
	uint32_t next; /* number of the sample that comes */
	uint32_t open; /* queues that have not ended */
	uint64_t wakeups;
	uint64_t for_nothing;
};

struct sending {
	struct test_sender sender;
	uint64_t seed;
	_Atomic(uint32_t) answered;
};

static void *send_rounds(void *arg)
{
	struct sending *sending = arg;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		while (atomic_load(&sending->answered) != round)
			test_yield();
		test_dawdle(&sending->seed, DAWDLE);
		test_sender_send(&sending->sender, 1);
	}
	return NULL;
}

static void watch(struct loop *loop, uint32_t index)
{
	struct epoll_event event = {
		.events = EPOLLIN | (loop->way == EDGE ? (uint32_t)EPOLLET : 0),
		.data.u32 = index,
	};

	CHECK(epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD,
			psr_queue_fd(loop->queues[index]), &event) == 0,
	      "epoll_ctl: errno %d", errno);
}

/* Drains a queue and arms its descriptor; returns the samples taken. */
static uint32_t serve(struct loop *loop, uint32_t index)
{
	struct psr_queue *queue = loop->queues[index];
	const struct psr_view *views;
	uint32_t taken = 0;
	int verdict;

	while ((verdict = psr_queue_wait(queue, 0)) == 1) {
		CHECK(psr_queue_peek(queue, &views) == 1, "one at a time");
		CHECK(views[0].group_seq == loop->next, "%u is not %u",
		      views[0].group_seq, loop->next);
		CHECK(loop->next % QUEUES == index, "%u in queue %u",
		      loop->next, index);
		test_check_views(views, 1);
		psr_queue_release(queue, 1);
		loop->next++;
		taken++;
	}
	if (verdict == -ESHUTDOWN) {
		loop->open--;
		(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL,
				psr_queue_fd(queue), NULL);
	} else {
		CHECK(verdict == 0, "psr_queue_wait: %d", verdict);
	}
	return taken;
}

/* Until a sample was taken or all queues have ended. */
static void wait_epoll(struct loop *loop)
{
	struct epoll_event events[QUEUES];
	uint32_t taken = 0;

	while (taken == 0 && loop->open > 0) {
		uint32_t open = loop->open;
		int count =
			epoll_wait(loop->epoll_fd, events, QUEUES, GIVE_UP_MS);

		/* The ring of the engine before, see psr_close. */
		if (count < 0 && errno == EINTR)
			continue;
		CHECK(count > 0, "sample %u did not wake, %u queues open",
		      loop->next, loop->open);
		for (int i = 0; i < count; i++)
			taken += serve(loop, events[i].data.u32);
		loop->wakeups++;
		loop->for_nothing += taken == 0 && loop->open == open;
	}
}

static void wait_any(struct loop *loop)
{
	uint32_t next = loop->next;
	int verdict = psr_wait_any(loop->queues, QUEUES, GIVE_UP_MS);

	loop->wakeups++;
	if (verdict == -ESHUTDOWN) {
		loop->open = 0;
		return;
	}
	CHECK(verdict == 1, "psr_wait_any: %d, sample %u", verdict, next);
	for (uint32_t i = 0; i < QUEUES; i++)
		(void)serve(loop, i);
	CHECK(loop->next > next, "psr_wait_any: 1, but no sample %u", next);
}

static void wait_once(struct loop *loop)
{
	if (loop->way == WAIT_ANY)
		wait_any(loop);
	else
		wait_epoll(loop);
}

static void set_up(struct loop *loop)
{
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	CHECK(loop->epoll_fd >= 0, "epoll_create1: errno %d", errno);
	loop->open = QUEUES;
	for (uint32_t i = 0; i < QUEUES; i++) {
		loop->queues[i] = psr_queue(loop->psr, i);
		watch(loop, i);
		CHECK(psr_queue_wait(loop->queues[i], 0) == 0, "not empty");
	}
}

/*
 * Spinning would be thousands of wake-ups a round: the consumer's thread does
 * nothing else while the sender dawdles.
 */
static void run(const struct test_mode *mode, enum way way, uint64_t seed)
{
	struct sending sending = {
		.sender = test_sender_open(MCGROUP_EVENT_LOOP),
		.seed = seed,
	};
	struct psr_config config = test_config(MCGROUP_EVENT_LOOP);
	struct loop loop = { .way = way };
	pthread_t thread;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.queue_count = QUEUES;
	config.usersock_portid = sending.sender.portid;
	config.wait_us = 0;
	loop.psr = test_open(&config);
	set_up(&loop);
	test_start(loop.psr);
	CHECK(pthread_create(&thread, NULL, send_rounds, &sending) == 0,
	      "thread");
	while (loop.next < ROUNDS) {
		wait_once(&loop);
		atomic_store(&sending.answered, loop.next);
		test_progress(loop.next);
	}
	pthread_join(thread, NULL);
	test_stop(loop.psr);
	while (loop.open > 0)
		wait_once(&loop);
	printf("%s, %u ingest threads, %s: %u rounds, %" PRIu64
	       " wake-ups, %" PRIu64 " for nothing\n",
	       test_transport_name(mode->transport), mode->ingest_threads,
	       ways[way], ROUNDS, loop.wakeups, loop.for_nothing);
	CHECK(loop.for_nothing <= 4 * ROUNDS, "it spins");
	close(loop.epoll_fd);
	psr_close(loop.psr);
	test_sender_close(&sending.sender);
}

int main(int argc, char **argv)
{
	uint64_t seed = test_seed(argc, argv);

	test_watch("event_loop: round");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		for (enum way way = LEVEL; way <= WAIT_ANY; way++)
			run(&test_modes[i], way, seed);
	return 0;
}
