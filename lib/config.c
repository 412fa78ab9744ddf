/* SPDX-License-Identifier: MIT */
/*
 * Defaults and limits of the configuration. Whatever psr_open cannot use is
 * refused here with its remedy.
 */
#include "config.h"
#include "record.h"
#include "uring.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#define DEFAULT_BUFFER_COUNT 2048
/* The largest message seen: psample caps data and metadata at 65535 bytes, */
/* headers and padding come on top (net/psample/psample.c).                 */
#define DEFAULT_BUFFER_BYTES 65552
#define DEFAULT_RCVBUF_BYTES (32 << 20)
#define DEFAULT_WAIT_US	     1000

/* The least power of two with room for the largest record. */
#define RINGBUF_BYTES_MIN (128 << 10)
static_assert(RINGBUF_BYTES_MIN > RECORD_BYTES_MAX &&
		      RECORD_CAPACITY(RECORD_BYTES_MAX) >= DEFAULT_BUFFER_BYTES,
	      "the largest sample fits into a ring of the least size");

void psr_config_init(struct psr_config *ret_config)
{
	*ret_config = (struct psr_config){
		.source = PSR_SOURCE_PSAMPLE,
		.transport = PSR_TRANSPORT_AUTO,
		.shard = PSR_SHARD_SEQ,
		.queue_count = 1,
		.ingest_threads = 1,
		.buffer_count = DEFAULT_BUFFER_COUNT,
		.buffer_bytes = DEFAULT_BUFFER_BYTES,
		.rcvbuf_bytes = DEFAULT_RCVBUF_BYTES,
		.wait_us = DEFAULT_WAIT_US,
	};
}

uint32_t config_ingest_threads(const struct psr_config *config)
{
	return config->transport == PSR_TRANSPORT_BPF ? 0
						      : config->ingest_threads;
}

uint32_t config_ringbuf_bytes(const struct psr_config *config)
{
	uint32_t bytes = RINGBUF_BYTES_MIN;

	while (2 * bytes <= config->rcvbuf_bytes)
		bytes *= 2;
	return bytes;
}

uint32_t config_ingest_count(const struct psr_config *config)
{
	uint32_t threads = config_ingest_threads(config);

	return threads ? threads : config->queue_count;
}

static bool is_power_of_two(uint32_t number)
{
	return number > 0 && (number & (number - 1)) == 0;
}

/* Queues are dealt out in turn: the first thread has the most. */
static bool overfills_completions(const struct psr_config *config)
{
	uint32_t ingests = config_ingest_count(config);
	uint32_t queues;

	assert(ingests > 0);
	queues = (config->queue_count + ingests - 1) / ingests;

	return queues * config->buffer_count > URING_COMPLETIONS_MAX;
}

struct limit {
	bool broken;
	const char *cause;
};

static const char *first_broken(const struct limit *limits, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (limits[i].broken)
			return limits[i].cause;
	return NULL;
}

/* What a later header has there would be asked for in vain. */
static bool has_reserved(const struct psr_config *config)
{
	uint32_t any = 0;

	for (size_t i = 0;
	     i < sizeof(config->reserved) / sizeof(config->reserved[0]); i++)
		any |= config->reserved[i];
	return any != 0;
}

static const char *check_source(const struct psr_config *config)
{
	bool usersock = config->source == PSR_SOURCE_USERSOCK;
	const struct limit limits[] = {
		{ has_reserved(config),
		  "reserved: not 0: psr_config_init was not called, or the "
		  "program wants a newer libpsring" },
		{ config->source > PSR_SOURCE_USERSOCK,
		  "source: psample or usersock" },
		{ config->transport > PSR_TRANSPORT_BPF,
		  "transport: auto, uring, recvmmsg or bpf" },
		{ config->shard > PSR_SHARD_FLOW,
		  "shard: seq, cpu, group, iif or flow" },
		{ usersock && (config->usersock_group < 1 ||
			       config->usersock_group > 32),
		  "usersock_group: 1 to 32" },
		{ !usersock && (config->usersock_group != 0 ||
				config->usersock_portid != 0),
		  "usersock_group, usersock_portid: only with source usersock" },
		{ usersock && (config->await_family || config->join),
		  "await_family, join: only with source psample" },
		{ usersock && config->verify_sender &&
			  config->transport != PSR_TRANSPORT_BPF &&
			  config->usersock_portid == 0,
		  "verify_sender: usersock_portid 0 names no sender" },
		{ usersock && config->verify_sender && config->all_netns,
		  "verify_sender: with all_netns a port names no sender: each "
		  "network namespace has its own" },
		{ config->group_count > PSR_WANTED_MAX,
		  "group_count: at most 128 wanted sample groups" },
		{ config->group_count > 0 && !config->groups,
		  "groups: NULL, but group_count is not 0" },
	};

	return first_broken(limits, sizeof(limits) / sizeof(limits[0]));
}

static const char *check_sizes(const struct psr_config *config)
{
	const struct limit limits[] = {
		{ config->queue_count < 1 ||
			  config->queue_count > PSR_QUEUES_MAX,
		  "queue_count: 1 to 64; psr_config_init sets 1" },
		{ config->ingest_threads > config->queue_count,
		  "ingest_threads: at most one per queue" },
		{ !is_power_of_two(config->buffer_count) ||
			  config->buffer_count > PSR_BUFFERS_MAX,
		  "buffer_count: a power of two up to 32768" },
		{ config->buffer_bytes < PSR_BUFFER_BYTES_MIN ||
			  config->buffer_bytes > PSR_BUFFER_BYTES_MAX,
		  "buffer_bytes: 256 to 1048576" },
		{ config->rcvbuf_bytes < 1 ||
			  config->rcvbuf_bytes > PSR_RCVBUF_MAX,
		  "rcvbuf_bytes: 1 to 1073741824" },
		{ config->wait_us > PSR_WAIT_US_MAX, "wait_us: 0 to 1000000" },
		{ config->cpus && config_ingest_threads(config) == 0,
		  "cpus: there is no ingest thread to pin (ingest_threads 0, "
		  "or transport bpf)" },
	};

	return first_broken(limits, sizeof(limits) / sizeof(limits[0]));
}

/*
 * The port of the sender is in the control block of the datagram, which stands
 * zeroed before a program (include/linux/filter.h: __bpf_prog_run_save_cb); its
 * namespace is written there when the program has run (net/netlink/af_netlink.c:
 * do_one_broadcast).
 */
static const char *check_transport(const struct psr_config *config)
{
	bool bpf = config->transport == PSR_TRANSPORT_BPF;
	const struct limit limits[] = {
		{ config->shard == PSR_SHARD_FLOW && !bpf,
		  "shard flow: a socket filter cannot compute it: use "
		  "transport bpf, or seq, cpu, group or iif" },
		{ config->verify_sender && bpf,
		  "verify_sender: a BPF program does not see who sent: use "
		  "transport uring or recvmmsg" },
		{ config->all_netns && bpf,
		  "all_netns: a BPF program does not see of which namespace a "
		  "sample is: use transport uring or recvmmsg" },
	};

	return first_broken(limits, sizeof(limits) / sizeof(limits[0]));
}

int config_check(const struct psr_config *config, const char **reterr_cause)
{
	const char *broken = check_source(config);

	if (!broken)
		broken = check_sizes(config);
	/* Only now is the arithmetic safe. */
	if (!broken && overfills_completions(config))
		broken = "more than 65536 buffers for one ingest thread, the "
			 "most completions that a ring holds: fewer "
			 "buffer_count or more ingest_threads";
	if (broken) {
		*reterr_cause = broken;
		return -EINVAL;
	}
	broken = check_transport(config);
	if (broken) {
		*reterr_cause = broken;
		return -EOPNOTSUPP;
	}
	return 0;
}
