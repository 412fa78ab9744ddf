/* SPDX-License-Identifier: MIT */
/*
 * Transport uring: sleeps in io_uring_enter, where the kernel receives into the
 * buffers, and accepts what has completed.
 */
#include "receive.h"

/* The least that a full round of task work was seen to receive. */
#define TASK_WORK_ROUND 16

/* Returns the completions that are ready, or a negative errno. */
static int uring_enter(struct ingest *ingest, uint32_t count, uint32_t min_us,
		       int64_t timeout_ns)
{
	const struct uring_wait wait = { .count = count,
					 .min_us = min_us,
					 .timeout_ns = timeout_ns };
	int ready = uring_wait(&ingest->uring, &wait);

	ingest_count_syscalls(ingest, 1);
	if (timeout_ns > 0)
		ingest_woken(ingest);
	if (ready != -EINTR)
		return ready;
	ingest->interrupted = true;
	return 0;
}

/*
 * Collects what is there without sleeping. A call that waits for nothing runs
 * one round of task work, 16 to 33 datagrams; where that is full, one that
 * waits for many goes on until the socket is empty. Its timeout of 0 costs a
 * timer and a switch to idle when it was not: 30 times an empty call.
 */
static int uring_collect(struct ingest *ingest)
{
	int ready = uring_enter(ingest, 0, 0, 0);

	if (ready < TASK_WORK_ROUND)
		return ready;
	return uring_enter(ingest, ingest->batch, 0, 0);
}

static int uring_sleep(struct ingest *ingest, int64_t timeout_ns)
{
	bool coalesce = timeout_ns > 0 && ingest->wait_us > 0;
	int64_t wait_ns = ingest->wait_us * NS_PER_US;
	int ready;

	if (coalesce && ingest->uring.can_min_wait)
		return uring_enter(ingest, ingest->batch,
				   wait_ns < timeout_ns ? ingest->wait_us : 0,
				   timeout_ns);
	if (coalesce)
		timeout_ns = ingest_pace(ingest, timeout_ns);
	ready = uring_collect(ingest);
	if (ready != 0 || timeout_ns == 0)
		return ready;
	return uring_enter(ingest, 1, 0, timeout_ns);
}

static int uring_complete(struct ingest *ingest,
			  const struct completion *completion)
{
	struct psr_queue *queue;

	if (completion->queue == COMPLETION_OF_BELL) {
		ingest->bell_armed = false;
		return 0;
	}

	queue = ingest->queues[completion->queue];
	if (completion->disarmed)
		queue->armed = false;
	return queue_take(queue, completion);
}

/*
 * What is ready now, and no more: without DEFER_TASKRUN, as on Linux 6.0, the kernel
 * receives all the time, also into what noise gives back meanwhile, and whoever
 * sends enough of it would keep the caller here.
 */
static int uring_accept(struct ingest *ingest)
{
	uint32_t left = uring_ready(&ingest->uring);
	uint32_t count;
	int err = 0;

	/* An error ends the ingest, but what came with it has come. */
	for (; left > 0 && !err; left -= count) {
		count = uring_reap(&ingest->uring, ingest->completions,
				   left < INGEST_BATCH ? left : INGEST_BATCH);
		for (uint32_t i = 0; i < count; i++) {
			int one =
				uring_complete(ingest, &ingest->completions[i]);

			err = err ? err : one;
		}
		ingest_publish(ingest);
	}
	return err;
}

int receive_uring(struct ingest *ingest, int64_t timeout_ns)
{
	int ready = uring_sleep(ingest, timeout_ns);

	return ready < 0 ? ready : uring_accept(ingest);
}

static uint32_t uring_buffers(const struct ingest *ingest)
{
	return ingest->queue_count * ingest->queues[0]->buffers.count;
}

static int uring_register(struct ingest *ingest)
{
	int fds[PSR_QUEUES_MAX + 1];
	int err = 0;

	for (uint16_t i = 0; i < ingest->queue_count && !err; i++) {
		fds[i] = ingest->queues[i]->fd;
		err = uring_register_buffers(&ingest->uring, i,
					     &ingest->queues[i]->buffers);
	}
	if (err)
		return err;
	fds[ingest->queue_count] = ingest->bell_fd;
	return uring_register_files(&ingest->uring, fds,
				    ingest->queue_count + 1);
}

/*
 * Room for a completion per buffer, one without a buffer for each queue, and
 * the bell: it cannot overflow where the kernel's limit allows as many.
 */
int receive_open_uring(struct ingest *ingest, const char **reterr_cause)
{
	uint32_t completions = uring_buffers(ingest) + ingest->queue_count + 1;
	int err = uring_open(&ingest->uring, completions, &ingest->sender,
			     reterr_cause);

	if (err)
		return err;
	ingest->transport = PSR_TRANSPORT_URING;
	*reterr_cause = "registering sockets and buffers with io_uring (where "
			"there is no memory: ulimit -l)";
	err = uring_register(ingest);
	if (err || !ingest->consumer_drives)
		return err;
	return uring_register_eventfd(&ingest->uring,
				      ingest->queues[0]->consumer.fd);
}

void receive_close_uring(struct ingest *ingest)
{
	if (ingest->transport == PSR_TRANSPORT_URING)
		uring_close(&ingest->uring);
	ingest->transport = PSR_TRANSPORT_AUTO;
}
