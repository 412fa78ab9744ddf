/* SPDX-License-Identifier: MIT */
/*
 * Life of an engine: everything that can fail or needs a privilege is done in
 * psr_open; starting and stopping is a matter of filters.
 *
 * The thread of an ingest runs from psr_open to psr_close, for the ring that
 * it enabled is its own for life. Stopped, it sleeps like an idle one, because
 * every socket rejects everything.
 */
#include "engine.h"
#include "config.h"
#include "envelope.h"
#include "membership.h"
#include "memory.h"
#include "netns.h"
#include "receive.h"
#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

static bool has_program(const struct psr *psr)
{
	return psr->config.transport == PSR_TRANSPORT_BPF;
}

/* What every transport has: slots for views, and a descriptor to wait on. */
static int queue_open(struct psr_queue *queue, uint32_t slot_count,
		      const char **reterr_cause)
{
	struct psr_view *slots;

	*reterr_cause = "memory for buffers and rings";
	slots = aligned_alloc(CACHE_LINE, slot_count * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots, 0, slot_count * sizeof(*slots));
	ring_init(&queue->ring, slots, slot_count);
	queue->free_buffers = slot_count;
	queue->sequences = sequence_table_new();
	if (!queue->sequences)
		return -ENOMEM;

	*reterr_cause = "opening an eventfd";
	queue->consumer.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return queue->consumer.fd < 0 ? -errno : 0;
}

static void queue_close(struct psr_queue *queue)
{
	if (queue->fd >= 0)
		close(queue->fd);
	if (queue->consumer.fd >= 0)
		close(queue->consumer.fd);
	if (queue->ringbuf.data)
		ringbuf_unmap(&queue->ringbuf);
	else
		buffers_fini(&queue->buffers);
	free(queue->sequences);
	free(queue->ring.slots);
}

static int open_socket(const struct psr *psr, int *ret_fd,
		       const char **reterr_cause)
{
	bool psample = psr->config.source == PSR_SOURCE_PSAMPLE;
	int err = socket_open(psr->netns_fd,
			      psample ? NETLINK_GENERIC : NETLINK_USERSOCK,
			      psr->config.rcvbuf_bytes, ret_fd, reterr_cause);

	if (err || !psr->config.all_netns)
		return err;
	*reterr_cause = "all_netns: it needs CAP_NET_BROADCAST (run as root)";
	return socket_hear_all_netns(*ret_fd);
}

/* A socket that hears its share. */
static int queue_open_socket(struct psr *psr, uint32_t index,
			     const char **reterr_cause)
{
	struct psr_queue *queue = &psr->queues[index];
	int err;

	queue->resume_buffers = (psr->config.buffer_count + 7) / 8;
	filter_build(&queue->filter, &psr->config, index);
	*reterr_cause = "memory for buffers and rings";
	err = buffers_init(
		&queue->buffers, psr->config.buffer_count,
		psr->config.buffer_bytes,
		sender_is_told(&psr->sender) ? sizeof(struct envelope) : 0);
	return err ? err : open_socket(psr, &queue->fd, reterr_cause);
}

/* A ring that the program fills. */
static int queue_open_ringbuf(struct psr *psr, uint32_t index,
			      const char **reterr_cause)
{
	const uint32_t capacity = RECORD_CAPACITY(RECORD_BYTES_MAX);
	struct psr_queue *queue = &psr->queues[index];
	int err;

	*reterr_cause = "mapping a BPF ring";
	err = ringbuf_map(&queue->ringbuf, psr->program.ring_fds[index],
			  config_ringbuf_bytes(&psr->config));
	if (err)
		return err;
	queue->counters = &psr->program.counters[index];
	queue->buffers = (struct buffers){
		.memory = ringbuf_messages(&queue->ringbuf),
		.stride = 1,
		.count = config_ringbuf_bytes(&psr->config),
		.bytes = psr->config.buffer_bytes < capacity
				 ? psr->config.buffer_bytes
				 : capacity,
	};
	return 0;
}

/* One socket for all queues: the first one's. */
static int open_program(struct psr *psr, const char **reterr_cause)
{
	struct psr_queue *first = &psr->queues[0];
	int err =
		program_load(&psr->program, &psr->config,
			     config_ringbuf_bytes(&psr->config), reterr_cause);

	if (!err)
		err = open_socket(psr, &first->fd, reterr_cause);
	if (err)
		return err;
	*reterr_cause = "attaching the BPF program";
	return socket_attach(first->fd, psr->program.fd);
}

static int check_memory(const struct psr_config *config,
			const char **reterr_cause)
{
	uint64_t buffers = config->queue_count * (uint64_t)config->buffer_count;

	*reterr_cause = "receive buffers that take more than half of this "
			"machine's memory with the smallest samples: fewer "
			"queue_count or buffer_count";
	return memory_is_too_much(buffers *
				  buffers_touched_bytes(config->buffer_bytes))
		       ? -ENOMEM
		       : 0;
}

static int open_queues(struct psr *psr, const char **reterr_cause)
{
	const char *netns = psr->config.netns;
	int err = netns ? netns_open(netns, &psr->netns_fd, reterr_cause) : 0;

	if (!err)
		err = membership_find(psr, reterr_cause);
	if (!err)
		err = has_program(psr)
			      ? open_program(psr, reterr_cause)
			      : check_memory(&psr->config, reterr_cause);
	for (uint32_t i = 0; i < psr->config.queue_count && !err; i++) {
		err = queue_open(&psr->queues[i], psr->config.buffer_count,
				 reterr_cause);
		if (!err)
			err = has_program(psr)
				      ? queue_open_ringbuf(psr, i, reterr_cause)
				      : queue_open_socket(psr, i, reterr_cause);
	}
	return err ? err : membership_gain(psr, reterr_cause);
}

/* Deals the queues out to the ingests, in turn. */
static int deal_queues(struct psr *psr, const char **reterr_cause)
{
	const struct psr_config *config = &psr->config;

	for (uint32_t i = 0; i < config->queue_count; i++) {
		struct ingest *ingest = &psr->ingests[i % psr->ingest_count];
		struct psr_queue *queue = &psr->queues[i];

		queue->ingest = ingest;
		queue->place = (uint16_t)ingest->queue_count;
		ingest->queues[ingest->queue_count++] = queue;
	}
	for (uint32_t i = 0; i < psr->ingest_count; i++) {
		struct ingest *ingest = &psr->ingests[i];

		ingest->sender = psr->sender;
		ingest->wait_us = config->wait_us;
		ingest->busy_poll = config->busy_poll;
		ingest->consumer_drives = config_ingest_threads(config) == 0;
		ingest->batch = config->buffer_count < 2 * INGEST_BATCH
					? (config->buffer_count + 1) / 2
					: INGEST_BATCH;
		*reterr_cause = "opening an eventfd";
		ingest->bell_fd = eventfd(0, EFD_CLOEXEC);
		if (ingest->bell_fd < 0)
			return -errno;
		for (uint32_t q = 0; q < ingest->queue_count; q++)
			ingest->queues[q]->stalled.fd = ingest->bell_fd;
	}
	return 0;
}

static int open_uring(struct psr *psr, const char **reterr_cause)
{
	int err = 0;

	for (uint32_t i = 0; i < psr->ingest_count && !err; i++)
		err = receive_open_uring(&psr->ingests[i], reterr_cause);
	return err;
}

static int open_mmsg(struct psr *psr, const char **reterr_cause)
{
	int err = 0;

	for (uint32_t i = 0; i < psr->ingest_count && !err; i++)
		err = receive_open_mmsg(&psr->ingests[i], reterr_cause);
	return err;
}

static int open_bpf(struct psr *psr, const char **reterr_cause)
{
	int err = 0;

	for (uint32_t i = 0; i < psr->ingest_count && !err; i++)
		err = receive_open_bpf(&psr->ingests[i],
				       psr->program.ring_fds[i], reterr_cause);
	return err;
}

/* All ingests have the same transport: auto falls back for all, and tells. */
static int open_transport(struct psr *psr, const char **reterr_cause)
{
	enum psr_transport wanted = psr->config.transport;
	int err;

	if (wanted == PSR_TRANSPORT_BPF) {
		psr->info.transport = wanted;
		return open_bpf(psr, reterr_cause);
	}
	psr->info.transport = PSR_TRANSPORT_URING;
	if (wanted != PSR_TRANSPORT_RECVMMSG) {
		err = open_uring(psr, reterr_cause);
		if (!err || wanted == PSR_TRANSPORT_URING)
			return err;
		psr->info.fallback = *reterr_cause;
	}
	for (uint32_t i = 0; i < psr->ingest_count; i++)
		receive_close_uring(&psr->ingests[i]);
	psr->info.transport = PSR_TRANSPORT_RECVMMSG;
	return open_mmsg(psr, reterr_cause);
}

static int start_threads(struct psr *psr, const char **reterr_cause)
{
	const int *cpus = psr->config.cpus;
	int err = 0;

	*reterr_cause = "starting an ingest thread (is its CPU there?)";
	for (uint32_t i = 0; i < config_ingest_threads(&psr->config) && !err;
	     i++)
		err = ingest_start_thread(&psr->ingests[i],
					  cpus ? cpus[i] : -1);
	return err;
}

static void fill_info(struct psr *psr)
{
	psr->info.queue_count = psr->config.queue_count;
	if (has_program(psr)) {
		psr->info.rcvbuf_bytes = config_ringbuf_bytes(&psr->config);
		psr->info.buffer_memory_bytes =
			(uint64_t)psr->info.rcvbuf_bytes *
			psr->config.queue_count;
		return;
	}
	psr->info.rcvbuf_bytes = UINT32_MAX;
	for (uint32_t i = 0; i < psr->config.queue_count; i++) {
		uint32_t granted = socket_rcvbuf_bytes(psr->queues[i].fd);

		if (granted < psr->info.rcvbuf_bytes)
			psr->info.rcvbuf_bytes = granted;
		psr->info.buffer_memory_bytes +=
			buffers_memory_bytes(&psr->queues[i].buffers);
	}
}

static void *zalloc_lines(size_t count, size_t bytes)
{
	void *memory = aligned_alloc(CACHE_LINE, count * bytes);

	if (memory)
		memset(memory, 0, count * bytes);
	return memory;
}

static_assert(sizeof(struct psr_queue) % CACHE_LINE == 0,
	      "an array of them keeps the alignment");

/* Makes psr such that psr_close works from here on. */
static int psr_alloc(const struct psr_config *config, struct psr **ret_psr)
{
	struct psr *psr = calloc(1, sizeof(*psr));

	if (!psr)
		return -ENOMEM;
	psr->config = *config;
	psr->ingest_count = config_ingest_count(config);
	psr->queues = zalloc_lines(config->queue_count, sizeof(*psr->queues));
	psr->ingests = calloc(psr->ingest_count, sizeof(*psr->ingests));
	if (!psr->queues || !psr->ingests) {
		free(psr->queues);
		free(psr->ingests);
		free(psr);
		return -ENOMEM;
	}
	psr->sender = (struct sender){
		.verified = config->verify_sender,
		.all_netns = config->all_netns,
		.portid = config->usersock_portid, /* psample: 0 */
	};
	psr->netns_fd = psr->fence_fd = psr->watch_fd = -1;
	for (uint32_t i = 0; i < config->queue_count; i++) {
		psr->queues[i].fd = psr->queues[i].consumer.fd = -1;
		psr->queues[i].thin = config->thin;
		psr->queues[i].nsid = PSR_NSID_OWN;
	}
	for (uint32_t i = 0; i < psr->ingest_count; i++)
		ingest_init(&psr->ingests[i]);
	*ret_psr = psr;
	return 0;
}

static int psr_build(struct psr *psr, const char **reterr_cause)
{
	int err = open_queues(psr, reterr_cause);

	*reterr_cause = err ? *reterr_cause : "opening a netlink socket";
	if (!err)
		err = socket_open_fence(&psr->fence_fd);
	if (!err)
		err = deal_queues(psr, reterr_cause);
	if (!err)
		err = open_transport(psr, reterr_cause);
	if (!err)
		err = start_threads(psr, reterr_cause);
	if (!err)
		fill_info(psr);
	if (psr->netns_fd >= 0)
		close(psr->netns_fd);
	/* What they point to is the caller's, and was needed only here. */
	psr->config.netns = NULL;
	psr->config.groups = NULL;
	psr->config.cpus = NULL;
	return err;
}

/* Which descriptor it was that was not to be had matters to nobody. */
static const char *open_cause(int err, const char *cause)
{
	switch (err) {
	case -EMFILE:
		return "no descriptor is left to this process: raise its limit "
		       "(ulimit -n)";
	case -ENFILE:
		return "no descriptor is left on this machine: raise its limit "
		       "(sysctl fs.file-max)";
	default:
		return cause;
	}
}

int psr_open(const struct psr_config *config, struct psr **ret_psr,
	     const char **reterr_cause)
{
	const char *cause = "config, ret_psr: NULL";
	struct psr *psr = NULL;
	int err = config && ret_psr ? config_check(config, &cause) : -EINVAL;

	if (!err) {
		cause = "memory for the engine";
		err = psr_alloc(config, &psr);
	}
	if (!err)
		err = psr_build(psr, &cause);
	if (err) {
		psr_close(psr);
		if (reterr_cause)
			*reterr_cause = open_cause(err, cause);
		return err;
	}
	*ret_psr = psr;
	return 0;
}

static void set_state(struct psr_queue *queue, int state)
{
	int old = queue_state(queue);

	/* A queue that failed stays so. */
	while ((old >= 0 || old == QUEUE_ENDED) &&
	       !atomic_compare_exchange_weak(&queue->state, &old, state))
		;
}

static int accept_samples(struct psr *psr)
{
	int err = 0;

	if (has_program(psr)) {
		program_set_stopped(&psr->program, false);
		return 0;
	}
	for (uint32_t i = 0; i < psr->config.queue_count && !err; i++)
		err = socket_accept(psr->queues[i].fd, &psr->queues[i].filter);
	return err;
}

static int reject_samples(struct psr *psr)
{
	int err = 0;

	if (has_program(psr)) {
		program_set_stopped(&psr->program, true);
		return 0;
	}
	for (uint32_t i = 0; i < psr->config.queue_count && !err; i++)
		err = socket_reject_all(psr->queues[i].fd);
	return err;
}

int psr_start(struct psr *psr)
{
	for (uint32_t i = 0; i < psr->config.queue_count; i++)
		set_state(&psr->queues[i], QUEUE_RUNNING);
	return accept_samples(psr);
}

int psr_stop(struct psr *psr)
{
	int err = reject_samples(psr);

	if (!err)
		err = socket_await_multicasts(&psr->fence_fd);
	if (err)
		return err;

	psr->stops = psr->stops == INT_MAX ? 1 : psr->stops + 1;
	for (uint32_t i = 0; i < psr->config.queue_count; i++)
		if (queue_state(&psr->queues[i]) != QUEUE_ENDED)
			set_state(&psr->queues[i], psr->stops);
	for (uint32_t i = 0; i < psr->ingest_count; i++)
		ingest_call_driver(&psr->ingests[i]);
	return 0;
}

void psr_close(struct psr *psr)
{
	if (!psr)
		return;
	/* A child may hold the socket, and would keep the program at work. */
	if (psr->program.stopped)
		program_set_stopped(&psr->program, true);
	if (psr->fence_fd >= 0)
		close(psr->fence_fd);
	membership_close(psr);
	for (uint32_t i = 0; i < psr->ingest_count; i++)
		ingest_close(&psr->ingests[i]);
	for (uint32_t i = 0; i < psr->config.queue_count; i++)
		queue_close(&psr->queues[i]);
	program_unload(&psr->program);
	free(psr->queues);
	free(psr->ingests);
	free(psr);
}

struct psr_queue *psr_queue(struct psr *psr, uint32_t index)
{
	return index < psr->config.queue_count ? &psr->queues[index] : NULL;
}

void psr_info(const struct psr *psr, struct psr_info *ret_info)
{
	*ret_info = psr->info;
}
