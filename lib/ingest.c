/* SPDX-License-Identifier: MIT */
/*
 * The ingest loop. What it saves is waking, not receiving: the kernel's work
 * per datagram is the same for every transport, a wake-up costs several of
 * them. So under load it comes back at most once in wait_us; idle it sleeps
 * until the first datagram.
 */
#include "ingest.h"
#include "clock.h"
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* The least that a full round of task work was seen to receive. */
#define TASK_WORK_ROUND 16

#define RETRY_NS NS_PER_MS /* after an error that passes */

static void count_syscalls(struct ingest *ingest, uint32_t count)
{
	if (count)
		counter_add(&ingest->syscalls, count);
}

/*
 * Kernels before 6.12 have no min_wait: sleep out the rest of wait_us first,
 * so that the datagrams of that time are there when the kernel is asked.
 */
int64_t ingest_pace(struct ingest *ingest, int64_t timeout_ns)
{
	int64_t now_ns = clock_now_ns();
	int64_t next_ns = ingest->woken_ns + ingest->wait_us * NS_PER_US;

	if (next_ns > now_ns + timeout_ns)
		next_ns = now_ns + timeout_ns;
	if (now_ns >= next_ns)
		return timeout_ns;
	ingest->interrupted = clock_sleep_until(next_ns) != 0;
	counter_add(&ingest->wakeups, 1);
	count_syscalls(ingest, 1);
	if (ingest->interrupted)
		return 0;
	ingest->woken_ns = next_ns;
	return timeout_ns - (next_ns - now_ns);
}

/*
 * The kernel does not signal the eventfd of a ring for a completion that was
 * caused by writing another eventfd, the bell, and then for none behind it
 * (seen on 6.18: the second psr_stop went unheard). So it is written as well.
 * A consumer on a BPF ring hears that one only.
 */
void ingest_call_driver(struct ingest *ingest)
{
	const struct bell bell = { .fd = ingest->bell_fd };

	if (ingest->transport != PSR_TRANSPORT_BPF)
		bell_strike(&bell);
	if (ingest->consumer_drives &&
	    ingest->transport != PSR_TRANSPORT_RECVMMSG)
		bell_strike(&ingest->queues[0]->consumer);
}

void ingest_woken(struct ingest *ingest)
{
	counter_add(&ingest->wakeups, 1);
	ingest->woken_ns = clock_now_ns();
}

/* Returns the completions that are ready, or a negative errno. */
static int uring_enter(struct ingest *ingest, uint32_t count, uint32_t min_us,
		       int64_t timeout_ns)
{
	const struct uring_wait wait = { .count = count,
					 .min_us = min_us,
					 .timeout_ns = timeout_ns };
	int ready = uring_wait(&ingest->uring, &wait);

	count_syscalls(ingest, 1);
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

static int ingest_wait_uring(struct ingest *ingest, int64_t timeout_ns)
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

static void ingest_disarm(struct psr_queue *queue)
{
	queue->armed = false;
	counter_add(&queue->stalls, 1);
}

/* A datagram, which is the usual case, or what came in the place of one. */
static int ingest_take(struct psr_queue *queue,
		       const struct completion *completion)
{
	if (completion->result >= 0 && completion->buffer_id != NO_BUFFER)
		queue_accept(queue, completion->buffer_id,
			     (size_t)completion->result);
	else if (completion->result == COMPLETION_FORGED)
		queue_refuse(queue, completion->buffer_id);
	else if (completion->result == -ENOBUFS)
		ingest_disarm(queue);
	else
		return completion->result < 0 ? completion->result : -EIO;
	return 0;
}

static int ingest_complete(struct ingest *ingest,
			   const struct completion *completion)
{
	struct psr_queue *queue;

	if (completion->queue == COMPLETION_OF_BELL) {
		count_syscalls(ingest, 1);
		return uring_arm_bell(&ingest->uring,
				      (uint16_t)ingest->queue_count);
	}

	queue = ingest->queues[completion->queue];
	if (completion->disarmed)
		queue->armed = false;
	return ingest_take(queue, completion);
}

static void ingest_publish(struct ingest *ingest)
{
	for (uint32_t i = 0; i < ingest->queue_count; i++)
		count_syscalls(ingest, queue_publish(ingest->queues[i]));
}

static int ingest_receive_uring(struct ingest *ingest)
{
	uint32_t count;
	int err = 0;

	/* An error ends the ingest, but what came with it has come. */
	do {
		count = uring_reap(&ingest->uring, ingest->completions,
				   INGEST_BATCH);
		for (uint32_t i = 0; i < count; i++) {
			int one = ingest_complete(ingest,
						  &ingest->completions[i]);

			err = err ? err : one;
		}
		ingest_publish(ingest);
	} while (count == INGEST_BATCH && !err);
	return err;
}

static int ingest_wait_mmsg(struct ingest *ingest, int64_t timeout_ns)
{
	struct epoll_event events[PSR_QUEUES_MAX + 1];
	int count;

	if (timeout_ns > 0 && ingest->wait_us > 0)
		timeout_ns = ingest_pace(ingest, timeout_ns);
	count = epoll_wait(ingest->wait_fd, events, PSR_QUEUES_MAX + 1,
			   clock_ms(timeout_ns));
	count_syscalls(ingest, 1);
	for (int i = 0; i < count; i++) {
		const struct bell bell = { .fd = ingest->bell_fd };

		if (events[i].data.fd != ingest->bell_fd)
			continue;
		bell_clear(&bell);
		count_syscalls(ingest, 1);
	}
	if (timeout_ns > 0)
		ingest_woken(ingest);
	if (count >= 0)
		return 0;
	ingest->interrupted = errno == EINTR;
	return ingest->interrupted ? 0 : -errno;
}

/* One recvmmsg; a short count means that the socket was empty. */
static int ingest_receive_queue(struct ingest *ingest, struct psr_queue *queue)
{
	uint32_t max = queue->free_buffers;
	int count;

	if (max == 0) {
		ingest_disarm(queue);
		return 0;
	}
	count = mmsg_receive(&ingest->mmsg, queue->fd, &queue->buffers,
			     ingest->completions, max);
	count_syscalls(ingest, 1);
	for (int i = 0; i < count; i++)
		(void)ingest_take(queue, &ingest->completions[i]);
	/* The edge of a socket that gave an error has been used up as well. */
	if (count < 0 || count == MMSG_BATCH || (uint32_t)count == max)
		ingest->backlog = true;
	return count < 0 ? count : 0;
}

static int ingest_receive_mmsg(struct ingest *ingest)
{
	int err = 0;

	ingest->backlog = false;
	for (uint32_t i = 0; i < ingest->queue_count && !err; i++)
		if (ingest->queues[i]->armed)
			err = ingest_receive_queue(ingest, ingest->queues[i]);
	ingest_publish(ingest);
	return err;
}

/*
 * Sleeps out wait_us even where records wait: that is what makes batches. The
 * kernel wakes for the record that the consumer's position has reached, and
 * looks for itself before poll sleeps. Nobody sleeps on a record that a CPU is
 * still writing: psample writes it in one go.
 */
static int ingest_wait_bpf(struct ingest *ingest, int64_t timeout_ns)
{
	struct psr_queue *queue = ingest->queues[0];
	struct timespec timeout;
	struct pollfd pollfds[] = {
		{ .fd = ingest->ring_fd, .events = POLLIN },
		{ .fd = queue->consumer.fd, .events = POLLIN },
	};
	int count;

	if (timeout_ns > 0 && ingest->wait_us > 0)
		timeout_ns = ingest_pace(ingest, timeout_ns);
	if (timeout_ns == 0 || !ringbuf_is_empty(&queue->ringbuf))
		return 0;
	timeout = clock_timespec(timeout_ns);
	count = ppoll(pollfds, 2, &timeout, NULL);
	ingest_woken(ingest);
	count_syscalls(ingest, 1);
	if (count < 0) {
		ingest->interrupted = errno == EINTR;
		return ingest->interrupted ? 0 : -errno;
	}
	if (pollfds[1].revents) {
		bell_clear(&queue->consumer);
		count_syscalls(ingest, 1);
	}
	return 0;
}

static int ingest_receive_bpf(struct ingest *ingest)
{
	struct psr_queue *queue = ingest->queues[0];
	uint32_t max = queue->free_buffers < INGEST_BATCH ? queue->free_buffers
							  : INGEST_BATCH;
	const struct record *record;
	uint32_t count, offset;

	queue_note_backlog(queue, ringbuf_used(&queue->ringbuf));
	for (count = 0; count < max; count++) {
		record = ringbuf_take(&queue->ringbuf, &offset);
		if (!record)
			break;
		queue_accept(queue, offset, record->len);
	}
	ingest_publish(ingest);
	queue_release_noise(queue);
	/* What came before the position was stored did not wake: look again. */
	ingest->backlog = count == max || (ring_count(&queue->ring) == 0 &&
					   !ringbuf_is_empty(&queue->ringbuf));
	return 0;
}

static int ingest_arm(struct ingest *ingest, struct psr_queue *queue)
{
	int err = 0;

	if (ingest->transport == PSR_TRANSPORT_URING) {
		err = uring_arm(&ingest->uring, queue->place);
		count_syscalls(ingest, 1);
	}
	queue->armed = !err;
	if (!err)
		counter_add(&queue->arms, 1);
	return err;
}

/* Where it is highest: as long as nothing was received, it grew. */
static void ingest_note_backlog(struct ingest *ingest, struct psr_queue *queue)
{
	if (ingest->transport == PSR_TRANSPORT_BPF)
		return;
	queue_note_backlog(queue, socket_usage(queue->fd).used_bytes);
	count_syscalls(ingest, 1);
}

/* Whether everything that was sent has been taken. */
static bool ingest_is_drained(struct ingest *ingest, struct psr_queue *queue)
{
	if (ingest->transport == PSR_TRANSPORT_BPF)
		return ringbuf_is_empty(&queue->ringbuf);
	count_syscalls(ingest, 1);
	return socket_usage(queue->fd).used_bytes == 0;
}

/*
 * Before a queue sleeps: give its buffers back and arm it if it can go on.
 * *@sleepy is cleared where there is something to do at once.
 */
static int ingest_prepare(struct ingest *ingest, struct psr_queue *queue,
			  bool *sleepy)
{
	bool was_armed = queue->armed;
	int state = queue_state(queue);
	int err = 0;

	queue->drained = 0;
	if (!queue_recycle(queue))
		return 0;
	if (!was_armed) {
		ingest_note_backlog(ingest, queue);
		err = ingest_arm(ingest, queue);
	}

	if (state > 0)
		queue->drained = ingest_is_drained(ingest, queue) ? state : 0;
	if (!was_armed || state > 0)
		*sleepy = false;
	return err;
}

/* What was empty before the turn, and brought nothing in it, has ended. */
static void ingest_end_drained(struct ingest *ingest, const uint64_t *received)
{
	for (uint32_t i = 0; i < ingest->queue_count; i++) {
		struct psr_queue *queue = ingest->queues[i];

		if (queue->drained &&
		    counter_read(&queue->received) == received[i])
			count_syscalls(ingest, queue_end_drained(queue));
	}
}

static void ingest_fail(struct ingest *ingest, int err)
{
	for (uint32_t i = 0; i < ingest->queue_count; i++)
		count_syscalls(ingest, queue_fail(ingest->queues[i], err));
}

/*
 * The first thread that takes a turn owns the ingest for life, as io_uring
 * wants it: another is refused before it touches anything.
 */
static bool ingest_own(struct ingest *ingest)
{
	uintptr_t self = (uintptr_t)pthread_self();
	uintptr_t owner = 0;

	return atomic_compare_exchange_strong(&ingest->owner, &owner, self) ||
	       owner == self;
}

static int ingest_enable(struct ingest *ingest)
{
	int err;

	if (ingest->transport != PSR_TRANSPORT_URING || ingest->enabled)
		return 0;
	err = uring_enable(&ingest->uring);
	if (!err)
		err = uring_arm_bell(&ingest->uring,
				     (uint16_t)ingest->queue_count);
	ingest->enabled = !err;
	return err;
}

/*
 * The kernel had no memory for a moment. Nothing is lost by it, for what comes
 * waits in the socket: try again, soon.
 */
static int ingest_excuse(struct ingest *ingest, int err, int64_t timeout_ns)
{
	if (err != -ENOMEM && err != -ENOBUFS && err != -EAGAIN &&
	    err != -EBUSY)
		return err;
	if (timeout_ns > 0) {
		ingest->interrupted =
			clock_sleep_until(clock_now_ns() + RETRY_NS) != 0;
		count_syscalls(ingest, 1);
	}
	return 0;
}

static int ingest_receive(struct ingest *ingest, int64_t timeout_ns)
{
	int err;

	switch (ingest->transport) {
	case PSR_TRANSPORT_URING:
		err = ingest_wait_uring(ingest, timeout_ns);
		return err < 0 ? err : ingest_receive_uring(ingest);
	case PSR_TRANSPORT_BPF:
		err = ingest_wait_bpf(ingest, timeout_ns);
		return err ? err : ingest_receive_bpf(ingest);
	default:
		err = ingest_wait_mmsg(ingest, timeout_ns);
		return err ? err : ingest_receive_mmsg(ingest);
	}
}

int ingest_turn(struct ingest *ingest, int64_t timeout_ns)
{
	uint64_t received[PSR_QUEUES_MAX] = { 0 };
	bool sleepy = !ingest->busy_poll && !ingest->backlog;
	int err;

	if (!ingest_own(ingest))
		return -EEXIST;
	ingest->interrupted = false;
	err = ingest_enable(ingest);
	for (uint32_t i = 0; i < ingest->queue_count && !err; i++) {
		received[i] = counter_read(&ingest->queues[i]->received);
		err = ingest_prepare(ingest, ingest->queues[i], &sleepy);
	}
	if (!err) {
		err = ingest_receive(ingest, sleepy ? timeout_ns : 0);
		err = ingest_excuse(ingest, err, timeout_ns);
	}
	if (err)
		ingest_fail(ingest, err);
	else
		ingest_end_drained(ingest, received);
	return err;
}

static void *ingest_run(void *arg)
{
	struct ingest *ingest = arg;
	int err = ingest_turn(ingest, 0);

	ingest->ready_err = err;
	sem_post(&ingest->ready);
	while (!err && !atomic_load(&ingest->closing))
		err = ingest_turn(ingest, FOREVER_NS);
	return NULL;
}

static int ingest_create_thread(struct ingest *ingest, int cpu)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;
	int err = pthread_attr_init(&attributes);

	if (err)
		return -err;
	if (cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET((size_t)cpu, &cpus);
		err = pthread_attr_setaffinity_np(&attributes, sizeof(cpus),
						  &cpus);
	}
	if (!err)
		err = pthread_create(&ingest->thread, &attributes, ingest_run,
				     ingest);
	pthread_attr_destroy(&attributes);
	return -err;
}

int ingest_start_thread(struct ingest *ingest, int cpu)
{
	sigset_t all, old;
	int err;

	/* The caller's signals are not this thread's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = ingest_create_thread(ingest, cpu);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return err;
	ingest->has_thread = true;
	while (sem_wait(&ingest->ready) < 0)
		;
	return ingest->ready_err;
}

static int ingest_watch(const struct ingest *ingest, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ingest->wait_fd, EPOLL_CTL_ADD, fd, &event) < 0
		       ? -errno
		       : 0;
}

static int ingest_open_epoll(struct ingest *ingest, const char **reterr_cause)
{
	*reterr_cause = "opening an epoll descriptor";
	ingest->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	return ingest->wait_fd < 0 ? -errno : 0;
}

/*
 * Edge-triggered: a stalled queue's socket stays full, and must not wake.
 */
int ingest_open_mmsg(struct ingest *ingest, const char **reterr_cause)
{
	int err = ingest_open_epoll(ingest, reterr_cause);

	ingest->transport = PSR_TRANSPORT_RECVMMSG;
	mmsg_init(&ingest->mmsg, &ingest->sender);
	for (uint32_t i = 0; i < ingest->queue_count && !err; i++)
		err = ingest_watch(ingest, ingest->queues[i]->fd,
				   EPOLLIN | (uint32_t)EPOLLET);
	return err ? err : ingest_watch(ingest, ingest->bell_fd, EPOLLIN);
}

/* One descriptor for two: whoever sleeps in poll watches them themselves. */
int ingest_open_bpf(struct ingest *ingest, int ring_fd,
		    const char **reterr_cause)
{
	int err = ingest_open_epoll(ingest, reterr_cause);

	ingest->transport = PSR_TRANSPORT_BPF;
	ingest->ring_fd = ring_fd;
	ingest->queues[0]->armed = true;
	if (!err)
		err = ingest_watch(ingest, ring_fd, EPOLLIN);
	return err ? err
		   : ingest_watch(ingest, ingest->queues[0]->consumer.fd,
				  EPOLLIN);
}

static uint32_t ingest_buffers(const struct ingest *ingest)
{
	return ingest->queue_count * ingest->queues[0]->buffers.count;
}

static int ingest_register(struct ingest *ingest)
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
int ingest_open_uring(struct ingest *ingest, const char **reterr_cause)
{
	uint32_t completions = ingest_buffers(ingest) + ingest->queue_count + 1;
	int err = uring_open(&ingest->uring, completions, &ingest->sender,
			     reterr_cause);

	if (err)
		return err;
	ingest->transport = PSR_TRANSPORT_URING;
	*reterr_cause = "registering sockets and buffers with io_uring";
	err = ingest_register(ingest);
	if (err || !ingest->consumer_drives)
		return err;
	return uring_register_eventfd(&ingest->uring,
				      ingest->queues[0]->consumer.fd);
}

void ingest_init(struct ingest *ret_ingest)
{
	ret_ingest->bell_fd = -1;
	ret_ingest->wait_fd = -1;
	sem_init(&ret_ingest->ready, 0, 0);
}

void ingest_forget_uring(struct ingest *ingest)
{
	if (ingest->transport == PSR_TRANSPORT_URING)
		uring_close(&ingest->uring);
	ingest->transport = PSR_TRANSPORT_AUTO;
}

void ingest_close(struct ingest *ingest)
{
	const struct bell bell = { .fd = ingest->bell_fd };

	if (ingest->has_thread) {
		atomic_store(&ingest->closing, true);
		bell_strike(&bell);
		pthread_join(ingest->thread, NULL);
	}
	ingest_forget_uring(ingest);
	if (ingest->wait_fd >= 0)
		close(ingest->wait_fd);
	if (ingest->bell_fd >= 0)
		close(ingest->bell_fd);
	sem_destroy(&ingest->ready);
}
