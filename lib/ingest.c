/* SPDX-License-Identifier: MIT */
/*
 * The ingest loop: recycle, sleep and receive, publish. What it saves is waking:
 * under load it comes back at most once in wait_us, idle it sleeps until the
 * first datagram. How it sleeps and receives is for the transport: receive.h.
 */
#include "clock.h"
#include "receive.h"
#include "socket.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define RETRY_NS NS_PER_MS /* after an error that passes */

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
	ingest_count_syscalls(ingest, 1);
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

void ingest_publish(struct ingest *ingest)
{
	for (uint32_t i = 0; i < ingest->queue_count; i++)
		ingest_count_syscalls(ingest, queue_publish(ingest->queues[i]));
}

static int ingest_arm(struct ingest *ingest, struct psr_queue *queue)
{
	int err = 0;

	if (ingest->transport == PSR_TRANSPORT_URING) {
		err = uring_arm(&ingest->uring, queue->place);
		ingest_count_syscalls(ingest, 1);
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
	ingest_count_syscalls(ingest, 1);
}

/* Whether everything that was sent has been taken. */
static bool ingest_is_drained(struct ingest *ingest, struct psr_queue *queue)
{
	if (ingest->transport == PSR_TRANSPORT_BPF)
		return ringbuf_is_empty(&queue->ringbuf);
	ingest_count_syscalls(ingest, 1);
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
			ingest_count_syscalls(ingest, queue_end_drained(queue));
	}
}

static void ingest_fail(struct ingest *ingest, int err)
{
	for (uint32_t i = 0; i < ingest->queue_count; i++)
		ingest_count_syscalls(ingest,
				      queue_fail(ingest->queues[i], err));
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

/* The ring is the driver's, and hears the bell, before anything sleeps. */
static int ingest_enable(struct ingest *ingest)
{
	int err = 0;

	if (ingest->transport != PSR_TRANSPORT_URING || ingest->bell_armed)
		return 0;
	if (!ingest->enabled)
		err = uring_enable(&ingest->uring);
	if (err)
		return err;
	ingest->enabled = true;
	err = uring_arm_bell(&ingest->uring, (uint16_t)ingest->queue_count);
	ingest_count_syscalls(ingest, 1);
	ingest->bell_armed = !err;
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
		ingest_count_syscalls(ingest, 1);
	}
	return 0;
}

static int ingest_receive(struct ingest *ingest, int64_t timeout_ns)
{
	switch (ingest->transport) {
	case PSR_TRANSPORT_URING:
		return receive_uring(ingest, timeout_ns);
	case PSR_TRANSPORT_BPF:
		return receive_bpf(ingest, timeout_ns);
	default:
		return receive_mmsg(ingest, timeout_ns);
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
	if (!err)
		err = ingest_receive(ingest, sleepy ? timeout_ns : 0);
	err = ingest_excuse(ingest, err, timeout_ns);
	if (err)
		ingest_fail(ingest, err);
	else
		ingest_end_drained(ingest, received);
	return err;
}

static void *ingest_run(void *arg)
{
	struct ingest *ingest = arg;
	int err;

	pthread_setname_np(pthread_self(), "psr-ingest");
	err = ingest_turn(ingest, 0);
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

int ingest_watch(const struct ingest *ingest, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ingest->wait_fd, EPOLL_CTL_ADD, fd, &event) < 0
		       ? -errno
		       : 0;
}

int ingest_open_epoll(struct ingest *ingest, const char **reterr_cause)
{
	*reterr_cause = "opening an epoll descriptor";
	ingest->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	return ingest->wait_fd < 0 ? -errno : 0;
}

void ingest_init(struct ingest *ret_ingest)
{
	ret_ingest->bell_fd = -1;
	ret_ingest->wait_fd = -1;
	sem_init(&ret_ingest->ready, 0, 0);
}

void ingest_close(struct ingest *ingest)
{
	const struct bell bell = { .fd = ingest->bell_fd };

	if (ingest->has_thread) {
		atomic_store(&ingest->closing, true);
		bell_strike(&bell);
		pthread_join(ingest->thread, NULL);
	}
	receive_close_uring(ingest);
	if (ingest->wait_fd >= 0)
		close(ingest->wait_fd);
	if (ingest->bell_fd >= 0)
		close(ingest->bell_fd);
	sem_destroy(&ingest->ready);
}
