/* SPDX-License-Identifier: MIT */
/*
 * The consumer threads of a run: each goes round its queues, and sleeps in
 * psr_wait_any when all of them are empty.
 */
#include "consumers.h"
#include "subcommands.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Buffers go back to the kernel at least this often. */
#define BATCH_MAX 256

#define STOP_TRIES    50
#define STOP_PAUSE_MS 100

struct consumer {
	struct consumers *shared;
	uint32_t index;
	uint32_t queue_count;
	uint64_t unwanted;  /* read after the join */
	uint64_t discarded; /* likewise */
	pthread_t thread;
	struct psr_queue *queues[PSR_QUEUES_MAX];
};

struct consumers {
	const struct consumers_client *client;
	uint32_t count;
	uint32_t started;
	int event_fd;
	uint64_t limit;
	_Atomic(uint64_t) claimed; /* may exceed the limit */
	_Atomic(int) error;
	struct consumer consumers[];
};

static void consumers_fail(struct consumers *shared, int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&shared->error, &none, error);
	eventfd_write(shared->event_fd, 1);
}

/* How many of @count samples the client gets. */
static uint32_t consumer_claim(struct consumer *consumer, uint32_t count)
{
	struct consumers *shared = consumer->shared;
	uint64_t before;

	if (!count ||
	    atomic_load_explicit(&shared->error, memory_order_relaxed))
		return 0;
	if (!shared->limit)
		return count;
	before = atomic_fetch_add_explicit(&shared->claimed, count,
					   memory_order_relaxed);
	if (before >= shared->limit)
		return 0;
	if (shared->limit - before > count)
		return count;
	eventfd_write(shared->event_fd, 1);
	return (uint32_t)(shared->limit - before);
}

static void consumer_use(struct consumer *consumer,
			 struct consumers_batch *batch, uint32_t count)
{
	const struct consumers_client *client = consumer->shared->client;
	int error;

	batch->count = consumer_claim(consumer, count);
	consumer->discarded += count - batch->count;
	if (!batch->count || !client->samples)
		return;
	error = client->samples(client->context, consumer->index, batch);
	batch->is_continued = true;
	if (error)
		consumers_fail(consumer->shared, error);
}

/* Use those that are wanted of @count views, by runs of them. */
static void consumer_select(struct consumer *consumer,
			    struct consumers_batch *batch, uint32_t count)
{
	const struct consumers_client *client = consumer->shared->client;
	const struct psr_view *view = batch->views;

	for (const struct psr_view *end = view + count; view < end; view++) {
		if (client->wants(client->context, view))
			continue;
		consumer_use(consumer, batch, (uint32_t)(view - batch->views));
		consumer->unwanted++;
		batch->views = view + 1;
	}
	consumer_use(consumer, batch, (uint32_t)(view - batch->views));
}

/* Return: views taken from the queue. */
static uint32_t consumer_drain(struct consumer *consumer, uint32_t place)
{
	struct psr_queue *queue = consumer->queues[place];
	struct consumers_batch batch = {
		.queue = queue,
		.queue_index =
			consumer->index + place * consumer->shared->count,
	};
	uint32_t count = psr_queue_peek(queue, &batch.views);

	if (!count)
		return 0;
	if (count > BATCH_MAX)
		count = BATCH_MAX;
	if (consumer->shared->client->wants)
		consumer_select(consumer, &batch, count);
	else
		consumer_use(consumer, &batch, count);
	psr_queue_release(queue, count);
	return count;
}

static void consumer_idle(struct consumer *consumer)
{
	const struct consumers_client *client = consumer->shared->client;
	int error = 0;

	if (client->idle && !consumers_error(consumer->shared))
		error = client->idle(client->context, consumer->index);
	if (error)
		consumers_fail(consumer->shared, error);
}

/* Return: as psr_wait_any. */
static int consumer_turn(struct consumer *consumer)
{
	uint32_t drained = 0;

	for (uint32_t i = 0; i < consumer->queue_count; i++)
		drained += consumer_drain(consumer, i);
	if (drained)
		return 1;
	consumer_idle(consumer);
	return psr_wait_any(consumer->queues, consumer->queue_count, -1);
}

static bool consumer_goes_on(struct consumer *consumer, int status)
{
	const struct consumers_client *client = consumer->shared->client;

	if (status >= 0)
		return true;
	if (status != -ESHUTDOWN)
		consumers_fail(consumer->shared, status);
	return client->ended && client->ended(client->context, consumer->index);
}

static void *consumer_run(void *argument)
{
	struct consumer *consumer = argument;
	char name[16];
	int status;

	snprintf(name, sizeof(name), "consumer %u", consumer->index);
	pthread_setname_np(pthread_self(), name);
	do {
		status = consumer_turn(consumer);
	} while (consumer_goes_on(consumer, status));
	return NULL;
}

int consumers_open(struct psr *psr, const struct consumers_client *client,
		   uint32_t count, struct consumers **ret_consumers)
{
	struct consumers *shared;
	struct psr_queue *queue;
	int error;

	shared = calloc(1, sizeof(*shared) + count * sizeof(struct consumer));
	if (!shared)
		return -ENOMEM;
	shared->client = client;
	shared->count = count;
	shared->event_fd = eventfd(0, EFD_CLOEXEC);
	if (shared->event_fd < 0) {
		error = -errno;
		free(shared);
		return error;
	}
	for (uint32_t i = 0; (queue = psr_queue(psr, i)); i++) {
		struct consumer *consumer = &shared->consumers[i % count];

		consumer->shared = shared;
		consumer->index = i % count;
		consumer->queues[consumer->queue_count++] = queue;
	}
	*ret_consumers = shared;
	return 0;
}

int consumers_start(struct consumers *consumers, uint64_t limit)
{
	int error;

	consumers->limit = limit;
	for (uint32_t i = 0; i < consumers->count; i++) {
		error = pthread_create(&consumers->consumers[i].thread, NULL,
				       consumer_run, &consumers->consumers[i]);
		if (error)
			return -error;
		consumers->started++;
	}
	return 0;
}

int consumers_fd(const struct consumers *consumers)
{
	return consumers->event_fd;
}

int consumers_error(const struct consumers *consumers)
{
	return atomic_load(&consumers->error);
}

int consumers_reached_limit(const struct consumers *consumers)
{
	return consumers->limit &&
	       atomic_load(&consumers->claimed) >= consumers->limit;
}

void consumers_stop_engine(struct psr *psr)
{
	int error = psr_stop(psr);

	for (int tries = 0; error && tries < STOP_TRIES; tries++) {
		poll(NULL, 0, STOP_PAUSE_MS);
		error = psr_stop(psr);
	}
	if (!error)
		return;
	fprintf(stderr, "psring: cannot stop: %s\n", strerrordesc_np(-error));
	_exit(EXIT_FAILED);
}

void consumers_join(struct consumers *consumers)
{
	for (; consumers->started; consumers->started--)
		pthread_join(
			consumers->consumers[consumers->started - 1].thread,
			NULL);
}

uint64_t consumers_unwanted(const struct consumers *consumers)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < consumers->count; i++)
		sum += consumers->consumers[i].unwanted;
	return sum;
}

uint64_t consumers_discarded(const struct consumers *consumers)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < consumers->count; i++)
		sum += consumers->consumers[i].discarded;
	return sum;
}

void consumers_close(struct consumers *consumers)
{
	if (!consumers)
		return;
	close(consumers->event_fd);
	free(consumers);
}
