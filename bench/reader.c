/* SPDX-License-Identifier: MIT */
/*
 * The table of readers, and the life of their lanes. A reader that is added to
 * the table appears in every scenario, table and picture.
 */
#include "reader.h"

#include "baseline.h"
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct reader recv_reader = {
	.name = "recv",
	.does = "blocking recv, one datagram a call; psring's decoder; the "
		"consumer is called in the same thread",
	.is_baseline = true,
	.decodes = true,
	.receive = baseline_recv,
};

static const struct reader peek_recv_reader = {
	.name = "peek_recv",
	.does = "MSG_PEEK to size the buffer, then recv, as the Go package "
		"does; without its allocations and run-time; otherwise as recv",
	.is_baseline = true,
	.decodes = true,
	.receive = baseline_peek_recv,
};

static const struct reader mnl_reader = {
	.name = "mnl",
	.does = "mnl_socket_recvfrom, mnl_cb_run, mnl_attr_parse, as "
		"libpsample does; with a buffer for the largest message; the "
		"consumer is called in the same thread",
	.is_baseline = true,
	.decodes = true,
	.receive = baseline_mnl,
};

static const struct reader bare_reader = {
	.name = "bare",
	.does = "recvmmsg of 64, then sleeps out wait_us; decodes nothing, "
		"hands nothing over, touches no packet: the floor",
	.is_baseline = true,
	.receive = baseline_bare,
};

static const struct reader recvmmsg_reader = {
	.name = "recvmmsg",
	.does = "psring, transport recvmmsg: decoded into a ring of views, "
		"read by a consumer thread",
	.decodes = true,
	.transport = PSR_TRANSPORT_RECVMMSG,
};

static const struct reader uring_reader = {
	.name = "uring",
	.does = "psring, transport uring: decoded into a ring of views, read "
		"by a consumer thread",
	.decodes = true,
	.transport = PSR_TRANSPORT_URING,
};

static const struct reader bpf_reader = {
	.name = "bpf",
	.does = "psring, transport bpf: copied into a ring by the program on "
		"the socket, decoded and read there by a consumer thread",
	.decodes = true,
	.transport = PSR_TRANSPORT_BPF,
	.has_no_thread = true,
};

const struct reader *const readers[] = {
	&recv_reader,	  &peek_recv_reader, &mnl_reader, &bare_reader,
	&recvmmsg_reader, &uring_reader,     &bpf_reader,
};

const uint32_t reader_count = sizeof(readers) / sizeof(readers[0]);

const struct reader *reader_find(const char *name)
{
	for (uint32_t i = 0; i < reader_count; i++)
		if (strcmp(readers[i]->name, name) == 0)
			return readers[i];
	return NULL;
}

/* The thread of psring's lanes. */
static int consume(struct lane *lane)
{
	const struct psr_view *views;
	uint32_t count;
	int verdict;

	while ((verdict = psr_queue_wait(lane->queue, -1)) >= 0) {
		count = psr_queue_peek(lane->queue, &views);
		if (count == 0)
			continue;
		lane_take(lane, views, count);
		psr_queue_release(lane->queue, count);
	}
	return verdict == -ESHUTDOWN ? 0 : verdict;
}

static void *lane_thread(void *arg)
{
	struct lane *lane = arg;

	lane->err = lane->receiver->psr ? consume(lane) : baseline_run(lane);
	return NULL;
}

static int open_engine(struct receiver *receiver, const char **reterr_cause)
{
	int err = psr_open(&receiver->config, &receiver->psr, reterr_cause);

	if (err)
		return err;
	for (uint32_t i = 0; i < receiver->lane_count; i++)
		receiver->lanes[i].queue = psr_queue(receiver->psr, i);
	*reterr_cause = "starting psring";
	return psr_start(receiver->psr);
}

static int open_baselines(struct receiver *receiver, const char **reterr_cause)
{
	int err = 0;

	for (uint32_t i = 0; i < receiver->lane_count && !err; i++)
		err = baseline_open(&receiver->lanes[i], i, reterr_cause);
	return err;
}

static int start_lanes(struct receiver *receiver, const char **reterr_cause)
{
	int err = 0;

	*reterr_cause = "starting a thread";
	for (uint32_t i = 0; i < receiver->lane_count && !err; i++) {
		struct lane *lane = &receiver->lanes[i];

		err = pthread_create(&lane->thread, NULL, lane_thread, lane);
		lane->started = !err;
	}
	return -err;
}

int receiver_open(const struct reader *reader, const struct psr_config *config,
		  struct receiver **ret_receiver, const char **reterr_cause)
{
	uint32_t lanes = config->queue_count;
	struct receiver *receiver =
		calloc(1, sizeof(*receiver) + lanes * sizeof(struct lane));
	int err;

	*reterr_cause = "memory for a reader";
	if (!receiver)
		return -ENOMEM;
	receiver->reader = reader;
	receiver->config = *config;
	receiver->config.transport = reader->transport;
	receiver->lane_count = lanes;
	for (uint32_t i = 0; i < lanes; i++) {
		receiver->lanes[i].receiver = receiver;
		receiver->lanes[i].fd = -1;
	}
	err = reader->is_baseline ? open_baselines(receiver, reterr_cause)
				  : open_engine(receiver, reterr_cause);
	if (!err)
		err = start_lanes(receiver, reterr_cause);
	if (err) {
		receiver_close(receiver);
		return err;
	}
	*ret_receiver = receiver;
	return 0;
}

void receiver_time(struct receiver *receiver, bool timed)
{
	atomic_store_explicit(&receiver->timed, timed, memory_order_relaxed);
}

uint64_t receiver_received(const struct receiver *receiver)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < receiver->lane_count; i++)
		sum += counter_read(&receiver->lanes[i].received);
	return sum;
}

static int end_lanes(struct receiver *receiver)
{
	int err = 0;

	atomic_store(&receiver->ending, true);
	if (receiver->psr)
		err = psr_stop(receiver->psr);
	for (uint32_t i = 0; i < receiver->lane_count; i++) {
		struct lane *lane = &receiver->lanes[i];

		if (lane->started)
			pthread_join(lane->thread, NULL);
		lane->started = false;
		err = err ? err : lane->err;
	}
	return err;
}

int receiver_finish(struct receiver *receiver, struct receiver_total *ret_total)
{
	struct psr_stats stats = { 0 };
	int err = end_lanes(receiver);

	memset(ret_total, 0, sizeof(*ret_total));
	for (uint32_t i = 0; i < receiver->lane_count; i++) {
		struct lane *lane = &receiver->lanes[i];

		ret_total->strays += lane->strays;
		histogram_merge(&ret_total->latency_ns, &lane->latency_ns);
		if (!receiver->psr)
			ret_total->lost += socket_usage(lane->fd).drops;
	}
	if (receiver->psr)
		psr_stats(receiver->psr, &stats);
	ret_total->received = receiver_received(receiver);
	ret_total->lost += stats.lost_socket + stats.lost_ring;
	ret_total->strays += stats.malformed + stats.foreign;
	return err;
}

void receiver_close(struct receiver *receiver)
{
	if (!receiver)
		return;
	(void)end_lanes(receiver);
	for (uint32_t i = 0; i < receiver->lane_count; i++)
		baseline_close(&receiver->lanes[i]);
	psr_close(receiver->psr);
	free(receiver);
}
