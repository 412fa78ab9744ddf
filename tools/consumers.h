/* SPDX-License-Identifier: MIT */
/*
 * The consumer threads of a run. Thread i of n drains the queues i, i + n, ...
 * so that a queue has one consumer, and its order is kept.
 *
 * A limit is shared: of all that is delivered, and wanted, exactly so many
 * samples reach the client. The rest is drained all the same, and counted, for
 * samples that nobody takes would be missing in the account.
 */
#ifndef CONSUMERS_H
#define CONSUMERS_H

#include "psring.h"

#include <stdbool.h>

struct consumers;

/* Views of one queue, to be used before the callback returns. */
struct consumers_batch {
	struct psr_queue *queue;
	uint32_t queue_index;
	uint32_t count;
	const struct psr_view *views;
	bool is_continued; /* of the same look at the queue as the one before */
};

/*
 * Who uses the samples. The callbacks run in consumer thread @consumer; a
 * negative errno ends the run. Each may be NULL.
 */
struct consumers_client {
	/* Whether a view is for samples(); without this callback each is. */
	bool (*wants)(void *context, const struct psr_view *view);
	int (*samples)(void *context, uint32_t consumer,
		       const struct consumers_batch *batch);
	/* Nothing there: the thread is about to sleep, or to end. */
	int (*idle)(void *context, uint32_t consumer);
	/*
	 * The queues are stopped and empty, or broken. Return: whether to go
	 * on, as after another psr_start; not so without this callback.
	 */
	bool (*ended)(void *context, uint32_t consumer);
	void *context;
};

/*
 * Start @count threads. @limit: samples for the client; 0: all
 * Return: 0 or a negative errno.
 */
int consumers_open(struct psr *psr, const struct consumers_client *client,
		   uint32_t count, struct consumers **ret_consumers);
int consumers_start(struct consumers *consumers, uint64_t limit);

/* A descriptor that becomes readable when one of the answers below changes. */
int consumers_fd(const struct consumers *consumers);

/* The first error, or 0. -EPIPE: nobody reads the output any more. */
int consumers_error(const struct consumers *consumers);
int consumers_reached_limit(const struct consumers *consumers);

/*
 * Stop the engine, so that the threads drain what is there and end. Where that
 * cannot be done, for want of memory or descriptors, they would wait for ever:
 * then the program ends, after a while of trying.
 */
void consumers_stop_engine(struct psr *psr);

/* Wait until every queue is drained, after psr_stop, and join the threads. */
void consumers_join(struct consumers *consumers);

/*
 * Samples that did not reach the client: those that it did not want, and those
 * beyond the limit or after an error. Exact after consumers_join.
 */
uint64_t consumers_unwanted(const struct consumers *consumers);
uint64_t consumers_discarded(const struct consumers *consumers);

/* After consumers_join, or never started. @consumers: may be NULL */
void consumers_close(struct consumers *consumers);

#endif /* CONSUMERS_H */
