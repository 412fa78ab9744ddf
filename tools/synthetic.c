/* SPDX-License-Identifier: MIT */
#include "synthetic_sender.h"

#include "clocks.h"
#include "synthetic_message.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Before the first sample of a punctual source: its threads must be there. */
#define HEAD_START_NS 10000000ULL

struct limit {
	bool broken;
	const char *cause;
};

static const char *config_cause(const struct synthetic_config *config)
{
	const struct limit limits[] = {
		{ config->usersock_group < 1 || config->usersock_group > 32,
		  "a NETLINK_USERSOCK group is 1 to 32" },
		{ config->size < SYNTHETIC_SIZE_MIN ||
			  config->size > SYNTHETIC_SIZE_MAX,
		  "a synthetic packet has 42 to 65468 bytes" },
		{ config->group_count < 1 ||
			  config->group_count > SYNTHETIC_GROUPS_MAX,
		  "the synthetic source has 1 to 4096 sample groups" },
		{ config->group_count > 1 && config->interface,
		  "packets on an interface are of one sample group" },
		{ config->interface_count < 1 ||
			  config->interface_count > SYNTHETIC_INTERFACES_MAX,
		  "the synthetic source has 1 to 65535 interfaces" },
		{ config->senders < 1 ||
			  config->senders > SYNTHETIC_SENDERS_MAX,
		  "the synthetic source has 1 to 64 threads" },
		{ config->rate > SYNTHETIC_RATE_MAX,
		  "the synthetic source sends at most 1000000000 a second" },
		{ config->punctual && !config->rate,
		  "a punctual source needs a rate" },
		{ config->cpu < -1 || config->cpu >= CPU_SETSIZE,
		  "the sender's CPU is -1, for any, or a CPU's number" },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].broken)
			return limits[i].cause;
	return NULL;
}

static int synthetic_build(struct synthetic *synthetic)
{
	int error;

	synthetic->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (synthetic->done_fd < 0)
		return -errno;
	for (uint32_t i = 0; i < synthetic->config.senders; i++) {
		error = sender_open(&synthetic->senders[i], synthetic);
		if (error)
			return error;
	}
	return 0;
}

void synthetic_config_init(struct synthetic_config *ret_config)
{
	*ret_config = (struct synthetic_config){
		.usersock_group = 31,
		.size = 128,
		.group_count = 1,
		.interface_count = 1,
		.senders = 1,
		.cpu = -1,
	};
}

int synthetic_open(const struct synthetic_config *config,
		   struct synthetic **ret_synthetic, const char **reterr_cause)
{
	const char *cause = config_cause(config);
	struct synthetic *synthetic = NULL;
	int error = -EINVAL;

	if (cause)
		goto fail;
	cause = "the sender got no socket or no memory";
	error = -ENOMEM;
	synthetic = calloc(1, sizeof(*synthetic));
	if (!synthetic)
		goto fail;
	synthetic->config = *config;
	synthetic->done_fd = -1;
	for (uint32_t i = 0; i < SYNTHETIC_SENDERS_MAX; i++)
		synthetic->senders[i].fd = -1;
	/* A cache line and more apart, so that the prefetcher is of use. */
	synthetic->message_stride =
		(synthetic_message_bytes(config->size) + 63) & ~63U;
	error = synthetic_build(synthetic);
	if (error)
		goto fail;
	*ret_synthetic = synthetic;
	return 0;
fail:
	synthetic_close(synthetic);
	if (reterr_cause)
		*reterr_cause = cause;
	return error;
}

uint32_t synthetic_portid(const struct synthetic *synthetic)
{
	return synthetic->portid;
}

/*
 * Samples that were claimed before are due in the past: the rate goes on from
 * here.
 */
static void synthetic_begin(struct synthetic *synthetic)
{
	uint64_t claimed = atomic_load(&synthetic->claimed);
	uint64_t past_ns =
		synthetic->config.rate ? pace_due_ns(synthetic, claimed) : 0;
	eventfd_t ended;

	(void)eventfd_read(synthetic->done_fd, &ended);
	atomic_store(&synthetic->stopping, 0);
	/* In this order no sample goes before the time that it is stamped. */
	synthetic->start_real_ns = clock_real_ns() - past_ns;
	synthetic->start_ns = clock_wall_ns() - past_ns;
	if (synthetic->config.punctual) {
		synthetic->start_real_ns += HEAD_START_NS;
		synthetic->start_ns += HEAD_START_NS;
	}
}

int synthetic_start(struct synthetic *synthetic)
{
	uint32_t senders = synthetic->config.senders;
	sigset_t all, before;
	int error = 0;

	synthetic_begin(synthetic);
	atomic_store(&synthetic->running, senders);
	/* The threads inherit the mask: signals are for the caller's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (uint32_t i = 0; i < senders && !error; i++)
		error = sender_start(&synthetic->senders[i],
				     i == 0 ? synthetic->config.cpu : -1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		synthetic_stop(synthetic);
	return error;
}

int synthetic_wait(struct synthetic *synthetic, int timeout_ms)
{
	struct pollfd done = { .fd = synthetic->done_fd, .events = POLLIN };
	int ready;

	ready = poll(&done, 1, timeout_ms);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		return 0;
	return atomic_load(&synthetic->error) ? atomic_load(&synthetic->error)
					      : 1;
}

int synthetic_fd(const struct synthetic *synthetic)
{
	return synthetic->done_fd;
}

void synthetic_stop(struct synthetic *synthetic)
{
	atomic_store(&synthetic->stopping, 1);
	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sender_stop(&synthetic->senders[i]);
}

uint64_t synthetic_sent_group(const struct synthetic *synthetic, uint32_t group)
{
	uint64_t sum = 0;

	if (group < 1 || group > synthetic->config.group_count)
		return 0;
	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sum += atomic_load_explicit(
			&synthetic->senders[i].sent[group - 1],
			memory_order_relaxed);
	return sum;
}

uint64_t synthetic_sent(const struct synthetic *synthetic)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i <= synthetic->config.group_count; i++)
		sum += synthetic_sent_group(synthetic, i);
	return sum;
}

uint64_t synthetic_cpu_ns(const struct synthetic *synthetic)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sum += synthetic->senders[i].cpu_before_ns +
		       sender_cpu_ns(&synthetic->senders[i]);
	return sum;
}

void synthetic_close(struct synthetic *synthetic)
{
	if (!synthetic)
		return;
	synthetic_stop(synthetic);
	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sender_close(&synthetic->senders[i]);
	if (synthetic->done_fd >= 0)
		close(synthetic->done_fd);
	free(synthetic);
}
