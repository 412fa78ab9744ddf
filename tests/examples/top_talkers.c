/* SPDX-License-Identifier: MIT */
/*
 * top_talkers.c - who sends most, by input interface
 *
 * Both directions of a connection come to one thread, which has its own table.
 */
#include "example.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TALKERS_MAX (1u << 16) /* in each table; what is beyond is not told */

struct talker {
	struct key {
		uint32_t iif;
		struct in6_addr address; /* IPv4: as ::ffff:192.0.2.1 */
	} key;
	uint32_t samples; /* 0: a free place */
	double bytes;	  /* estimate */
};

struct worker {
	pthread_t thread;
	struct psr_queue *queue;
	struct talker talkers[TALKERS_MAX]; /* a hash table */
};

static void add(struct talker *table, struct key key, uint32_t samples,
		double bytes)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < sizeof(key); i++)
		hash = (hash ^ ((const uint8_t *)&key)[i]) * 16777619u;
	for (uint32_t i = 0; i < TALKERS_MAX; i++) {
		struct talker *talker = &table[(hash + i) % TALKERS_MAX];

		if (talker->samples == 0)
			talker->key = key;
		if (memcmp(&talker->key, &key, sizeof(key)) != 0)
			continue;
		talker->samples += samples;
		talker->bytes += bytes;
		return;
	}
}

/* The source of IPv4 or IPv6 behind Ethernet; else, or cut off: ::. */
static struct key key_of(const struct psr_view *view)
{
	struct key key = { .iif = view->iif };
	const uint8_t *data = view->data;

	if (view->data_len >= 34 && data[12] == 0x08 && data[13] == 0x00) {
		memset(&key.address.s6_addr[10], 0xff, 2);
		memcpy(&key.address.s6_addr[12], &data[26], 4);
	}
	if (view->data_len >= 38 && data[12] == 0x86 && data[13] == 0xdd)
		memcpy(&key.address, &data[22], 16);
	return key;
}

static double bytes_of(const struct psr_view *view)
{
	double packets = view->rate;

	if (view->fields & PSR_FIELD_PROBABILITY)
		packets = view->rate ? UINT32_MAX / packets : 0;
	return packets * view->orig_size;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	const struct psr_view *views;

	while (psr_queue_wait(worker->queue, -1) >= 0) {
		uint32_t count = psr_queue_peek(worker->queue, &views);

		for (const struct psr_view *v = views; v < views + count; v++)
			add(worker->talkers, key_of(v), 1, bytes_of(v));
		psr_queue_release(worker->queue, count);
	}
	return NULL;
}

/* By interface, and there by bytes, the most first. */
static int compare(const void *a, const void *b)
{
	const struct talker *left = a, *right = b;

	if (left->key.iif != right->key.iif)
		return left->key.iif < right->key.iif ? -1 : 1;
	return (left->bytes < right->bytes) - (left->bytes > right->bytes);
}

static void report(struct talker *table)
{
	char address[INET6_ADDRSTRLEN];
	uint32_t rank = 0;

	qsort(table, TALKERS_MAX, sizeof(*table), compare);
	for (const struct talker *t = table; t < table + TALKERS_MAX; t++) {
		if (t > table && t->key.iif != t[-1].key.iif)
			rank = 0;
		if (t->samples == 0 || rank++ >= 5)
			continue;
		inet_ntop(AF_INET6, &t->key.address, address, sizeof(address));
		printf("interface %u: %s, about %.0f bytes (%u samples)\n",
		       t->key.iif, address, t->bytes, t->samples);
	}
}

int main(int argc, char **argv)
{
	static struct worker workers[PSR_QUEUES_MAX];
	struct talker *table = workers[0].talkers;
	struct psr_config config = example_config(argc > 3 ? argv[3] : NULL);

	example_check(argc < 3 ? -EINVAL : 0, "top_talkers SECONDS QUEUES");
	config.transport = PSR_TRANSPORT_BPF;
	config.shard = PSR_SHARD_FLOW;
	config.queue_count = (uint32_t)strtoul(argv[2], NULL, 10);
	struct psr *psr = example_start(&config);
	for (uint32_t i = 0; i < config.queue_count; i++) {
		workers[i].queue = psr_queue(psr, i);
		errno = pthread_create(&workers[i].thread, NULL, work,
				       &workers[i]);
		example_check(-errno, "pthread_create");
	}
	sleep((unsigned int)strtoul(argv[1], NULL, 10));
	example_check(psr_stop(psr), "psr_stop");
	for (uint32_t i = 0; i < config.queue_count; i++) {
		const struct talker *t = workers[i].talkers;

		pthread_join(workers[i].thread, NULL);
		for (; i > 0 && t < workers[i].talkers + TALKERS_MAX; t++)
			if (t->samples > 0)
				add(table, t->key, t->samples, t->bytes);
	}
	report(table);
	psr_close(psr);
}
