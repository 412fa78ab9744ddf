/* SPDX-License-Identifier: MIT */
/*
 * A flood over io_uring: each view lies inside the buffers of its queue, in
 * the one that it names; system calls are few; the receive is armed once, and
 * again after each stall only.
 */
#include "synthetic.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SAMPLES (UNDER_TSAN ? 200000u : 1000000u)

struct flood {
	struct psr *psr;
	struct synthetic *synthetic;
};

static void check_inside(const struct buffers *buffers,
			 const struct psr_view *view)
{
	uintptr_t first = (uintptr_t)buffers_at(buffers, view->private_id);
	uintptr_t data = (uintptr_t)view->data;

	CHECK(view->private_id < buffers->count, "buffer %u of %u",
	      view->private_id, buffers->count);
	CHECK(data > first && data + view->data_len <= first + buffers->bytes,
	      "sample %u lies outside of buffer %u", view->group_seq,
	      view->private_id);
}

static void drain(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t count;
	int verdict;

	while ((verdict = psr_queue_wait(queue, GIVE_UP_MS)) == 1) {
		count = psr_queue_peek(queue, &views);
		for (uint32_t i = 0; i < count; i++)
			check_inside(&queue->buffers, &views[i]);
		test_check_views(views, count);
		psr_queue_release(queue, count);
		test_progress(counter_read(&queue->delivered));
	}
	CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d", verdict);
}

static void *stop_after(void *arg)
{
	const struct flood *flood = arg;

	CHECK(synthetic_start(flood->synthetic) == 0, "synthetic_start");
	CHECK(synthetic_wait(flood->synthetic, -1) == 1, "it gave up");
	synthetic_stop(flood->synthetic);
	test_stop(flood->psr);
	return NULL;
}

static void check_stats(struct psr *psr, uint64_t sent)
{
	struct psr_stats stats = test_stats(psr);

	printf("%" PRIu64 " samples: received %" PRIu64 ", lost %" PRIu64
	       ", system calls %" PRIu64 ", arms %" PRIu64 ", stalls %" PRIu64
	       "\n",
	       sent, stats.received, stats.lost_socket, stats.syscalls,
	       stats.arms, stats.stalls);
	CHECK(stats.received + stats.lost_socket == sent, "of %" PRIu64, sent);
	CHECK(test_balances(&stats) && stats.left_in_socket == 0, "the books");
	CHECK(stats.syscalls * 20 < stats.received, "%" PRIu64, stats.syscalls);
	CHECK(stats.arms <= stats.stalls + 1, "%" PRIu64 " arms", stats.arms);
}

int main(void)
{
	struct psr_config config = test_config(MCGROUP_INSIDE_BUFFERS);
	struct synthetic_config sender;
	struct flood flood;
	const char *cause = NULL;
	pthread_t thread;

	test_watch("inside_buffers: samples");
	synthetic_config_init(&sender);
	sender.usersock_group = MCGROUP_INSIDE_BUFFERS;
	sender.count = SAMPLES;
	CHECK(synthetic_open(&sender, &flood.synthetic, &cause) == 0, "%s",
	      cause);
	config.transport = PSR_TRANSPORT_URING;
	config.usersock_portid = synthetic_portid(flood.synthetic);
	flood.psr = test_open(&config);
	test_start(flood.psr);
	CHECK(pthread_create(&thread, NULL, stop_after, &flood) == 0, "thread");
	drain(psr_queue(flood.psr, 0));
	pthread_join(thread, NULL);
	check_stats(flood.psr, synthetic_sent(flood.synthetic));
	psr_close(flood.psr);
	synthetic_close(flood.synthetic);
	return 0;
}
