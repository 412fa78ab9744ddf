/* SPDX-License-Identifier: MIT */
/* The sender's CPU time for a packet, measured for a moment. */
#include "cost.h"

#include <poll.h>

#define MEASURE_MS 200
#define MEASURE_NS (MEASURE_MS * 1000000ULL)

static double quotient(uint64_t cpu_ns, uint64_t sent)
{
	return sent ? (double)cpu_ns / (double)sent : -1;
}

int cost_measure_unheard(const struct round_config *config, double *ret_ns,
			 const char **reterr_cause)
{
	struct pollfd signals = { .fd = config->signals_fd, .events = POLLIN };
	struct synthetic_config source = config->sender;
	struct synthetic *sender;
	int err;

	source.rate = 0;
	if (config->testbed)
		source.interface = config->testbed->interface;
	err = synthetic_open(&source, &sender, reterr_cause);
	if (err)
		return err;
	err = synthetic_start(sender);
	if (!err)
		poll(&signals, 1, MEASURE_MS);
	synthetic_stop(sender);
	*ret_ns = quotient(synthetic_cpu_ns(sender), synthetic_sent(sender));
	synthetic_close(sender);
	if (err)
		*reterr_cause = ROUND_CAUSE;
	return err;
}

int cost_measure_heard(const struct round_config *config, double *ret_ns,
		       struct balance *ret_balance, const char **reterr_cause)
{
	struct round_config flat_out = *config;
	int status;

	flat_out.sender.rate = 0;
	status = round_once(&flat_out, MEASURE_NS, ret_balance, reterr_cause);
	if (status >= 0)
		*ret_ns =
			quotient(ret_balance->sender_cpu_ns, ret_balance->sent);
	return status;
}
