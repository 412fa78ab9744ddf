/* SPDX-License-Identifier: MIT */
/*
 * A reader: one way to receive samples. All readers get the same samples by
 * the same filters into receive buffers of the same size; each has a lane for
 * each queue, which is a thread that takes samples and reads a byte of each
 * packet, or does less where its reader says so.
 *
 * reader.c knows the readers and the life of their lanes; baseline.c has those
 * that others would write.
 */
#ifndef READER_H
#define READER_H

#include "clocks.h"
#include "counter.h"
#include "histogram.h"
#include "psring.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct lane;
struct receiver;

struct reader {
	const char *name;
	const char *does;		   /* and does not */
	bool is_baseline;		   /* not psring */
	bool decodes;			   /* else it can tell no latency */
	enum psr_transport transport;	   /* psring */
	bool has_no_thread;		   /* psring: whatever is asked */
	int (*receive)(struct lane *lane); /* baselines: see baseline.h */
};

/* One thread that takes samples, and what it counted. */
struct lane {
	struct receiver *receiver;
	pthread_t thread;
	bool started;
	int err; /* by which it ended early */
	counter received;
	uint64_t strays; /* what was no sample */
	struct histogram latency_ns;
	/* A baseline's */
	int fd;
	uint16_t family;
	int64_t woken_ns;
	struct baseline *baseline;
	/* psring's */
	struct psr_queue *queue;
};

struct receiver {
	const struct reader *reader;
	struct psr_config config;
	_Atomic(bool) timed;  /* measure from timestamp to consumer */
	_Atomic(bool) ending; /* nothing more is sent */
	struct psr *psr;      /* NULL: a baseline */
	uint32_t lane_count;
	struct lane lanes[];
};

struct receiver_total {
	uint64_t received;
	uint64_t lost;
	uint64_t strays;
	struct histogram latency_ns;
};

extern const struct reader *const readers[];
extern const uint32_t reader_count;

/* NULL: there is none of that name. */
const struct reader *reader_find(const char *name);

/*
 * Sockets, buffers, threads; the threads inherit the caller's CPUs.
 * @config: where to listen, how many queues, which waits
 */
int receiver_open(const struct reader *reader, const struct psr_config *config,
		  struct receiver **ret_receiver, const char **reterr_cause);

/* Whether latencies are measured from now on. */
void receiver_time(struct receiver *receiver, bool timed);

/* Samples so far. Any thread. */
uint64_t receiver_received(const struct receiver *receiver);

/*
 * Nothing more is sent: take what is left, end the threads. Return: 0, or the
 * error by which one of them ended early.
 */
int receiver_finish(struct receiver *receiver,
		    struct receiver_total *ret_total);

/* @receiver: may be NULL */
void receiver_close(struct receiver *receiver);

/* What a consumer does at least with @count views. */
static inline void lane_take(struct lane *lane, const struct psr_view *views,
			     uint32_t count)
{
	bool timed = atomic_load_explicit(&lane->receiver->timed,
					  memory_order_relaxed);
	uint64_t now_ns = timed ? clock_real_ns() : 0;

	for (uint32_t i = 0; i < count; i++) {
		if (views[i].data_len)
			(void)*(const volatile uint8_t *)views[i].data;
		if (timed)
			histogram_add(&lane->latency_ns,
				      now_ns > views[i].timestamp_ns
					      ? now_ns - views[i].timestamp_ns
					      : 0);
	}
	counter_add(&lane->received, count);
}

#endif /* READER_H */
