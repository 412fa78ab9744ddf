/* SPDX-License-Identifier: MIT */
/*
 * The samples that a reader shall receive: the synthetic source, and the
 * testbed into which it sends for a kernel.
 */
#include "traffic.h"

#include "control.h"
#include "synthetic.h"
#include "testbed.h"

#include <errno.h>
#include <stdlib.h>

#define USERSOCK_GROUP 30

struct traffic {
	bool has_testbed;
	struct testbed testbed;
	struct synthetic *synthetic;
};

int traffic_kernel_probe(const char **reterr_cause)
{
	const struct traffic_config config = {
		.kernel = true,
		.size = SYNTHETIC_SIZE_MIN,
		.group_count = 1,
		.cpu = -1,
	};
	struct traffic *traffic;
	struct family family;
	int err = traffic_open(&config, &traffic, reterr_cause);

	if (err)
		return err;
	/* Not before: tc has loaded the module. */
	err = control_find_family(&family, reterr_cause);
	traffic_close(traffic);
	return err;
}

static int traffic_build(struct traffic *traffic,
			 const struct traffic_config *config,
			 const char **reterr_cause)
{
	const struct testbed_config testbed = {
		.sample_rate = 1,
		.group_count = 1,
		.trunc = config->size,
	};
	struct synthetic_config source;
	int err;

	synthetic_config_init(&source);
	source.usersock_group = USERSOCK_GROUP;
	source.punctual = config->punctual;
	source.rate = config->rate;
	source.size = config->size;
	source.group_count = config->group_count;
	source.cpu = config->cpu;
	if (config->kernel) {
		err = testbed_open(&testbed, &traffic->testbed, reterr_cause);
		if (err)
			return err;
		traffic->has_testbed = true;
		source.interface = traffic->testbed.interface;
	}
	return synthetic_open(&source, &traffic->synthetic, reterr_cause);
}

int traffic_open(const struct traffic_config *config,
		 struct traffic **ret_traffic, const char **reterr_cause)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	int err;

	if (!traffic) {
		*reterr_cause = "memory for the traffic";
		return -ENOMEM;
	}
	err = traffic_build(traffic, config, reterr_cause);
	if (err) {
		traffic_close(traffic);
		return err;
	}
	*ret_traffic = traffic;
	return 0;
}

void traffic_configure(const struct traffic *traffic, struct psr_config *config)
{
	if (traffic->has_testbed) {
		config->source = PSR_SOURCE_PSAMPLE;
		return;
	}
	config->source = PSR_SOURCE_USERSOCK;
	config->usersock_group = USERSOCK_GROUP;
	config->usersock_portid = synthetic_portid(traffic->synthetic);
}

int traffic_start(struct traffic *traffic)
{
	return synthetic_start(traffic->synthetic);
}

void traffic_stop(struct traffic *traffic)
{
	synthetic_stop(traffic->synthetic);
}

int traffic_error(const struct traffic *traffic)
{
	int verdict = synthetic_wait(traffic->synthetic, 0);

	return verdict < 0 ? verdict : 0;
}

uint64_t traffic_sent(const struct traffic *traffic)
{
	return synthetic_sent(traffic->synthetic);
}

uint64_t traffic_cpu_ns(const struct traffic *traffic)
{
	return synthetic_cpu_ns(traffic->synthetic);
}

void traffic_close(struct traffic *traffic)
{
	if (!traffic)
		return;
	synthetic_close(traffic->synthetic);
	if (traffic->has_testbed)
		testbed_close(&traffic->testbed);
	free(traffic);
}
