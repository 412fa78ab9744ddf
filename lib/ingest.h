/* SPDX-License-Identifier: MIT */
/*
 * An ingest: what drives one or more queues, with a thread of its own or in
 * the hands of the consumer.
 */
#ifndef INGEST_H
#define INGEST_H

#include "mmsg.h"
#include "queue.h"
#include "uring.h"

#include <pthread.h>
#include <semaphore.h>

#define INGEST_BATCH 256 /* completions reaped at once */

struct ingest {
	/* Constant after psr_open. */
	struct psr_queue *queues[PSR_QUEUES_MAX];
	uint32_t queue_count;
	struct sender sender;
	uint32_t batch; /* completions that end a sleep early */
	uint32_t wait_us;
	bool busy_poll;
	enum psr_transport transport; /* PSR_TRANSPORT_AUTO: none yet */
	bool has_thread;
	bool consumer_drives; /* ingest_threads 0: there is no thread */
	int bell_fd; /* eventfd: a queue can go on, or psr_stop, psr_close */
	int wait_fd; /* epoll: of recvmmsg, and for callers of bpf */
	int ring_fd; /* bpf: readable while there are records */
	pthread_t thread;

	/* Of whoever drives. */
	_Atomic(uintptr_t) owner; /* 0: nobody yet; see ingest_own */
	struct uring uring;
	struct mmsg mmsg;
	struct completion completions[INGEST_BATCH];
	int64_t woken_ns; /* when the last sleep ended */
	bool enabled;	  /* the thread that drives owns the uring */
	bool bell_armed;  /* uring: a read of the bell is under way */
	bool backlog; /* a socket or BPF ring was left before it was empty */
	bool interrupted; /* the last sleep, by a signal */
	counter wakeups;
	counter syscalls;

	_Atomic(bool) closing;
	sem_t ready;
	int ready_err;
};

/* Makes it such that ingest_close works. */
void ingest_init(struct ingest *ret_ingest);

/* Starts the thread on @cpu, -1 for any, and waits until it is ready. */
int ingest_start_thread(struct ingest *ingest, int cpu);

/*
 * One turn: recycle, sleep for at most @timeout_ns, receive, publish. 0 ns: no
 * sleep. Context: the thread that drives.
 */
int ingest_turn(struct ingest *ingest, int64_t timeout_ns);

/*
 * Sleeps until wait_us after the last wake-up, where that is not over yet, but
 * for @timeout_ns at the most. Returns what is left of these; 0 after a signal,
 * which ends the wait.
 */
int64_t ingest_pace(struct ingest *ingest, int64_t timeout_ns);

/*
 * Wakes whoever drives: a thread, or a consumer on psr_queue_fd. Any thread may
 * call it.
 */
void ingest_call_driver(struct ingest *ingest);

/* Hands over what all queues have accepted. */
void ingest_publish(struct ingest *ingest);

/* For transports whose driver, or caller, sleeps on several descriptors. */
int ingest_open_epoll(struct ingest *ingest, const char **reterr_cause);
int ingest_watch(const struct ingest *ingest, int fd, uint32_t events);

static inline void ingest_count_syscalls(struct ingest *ingest, uint32_t count)
{
	if (count)
		counter_add(&ingest->syscalls, count);
}

/* A sleep ended: counts it, and begins wait_us anew. */
void ingest_woken(struct ingest *ingest);

/* Ends the thread and frees everything. Accepts a half-built ingest. */
void ingest_close(struct ingest *ingest);

#endif /* INGEST_H */
