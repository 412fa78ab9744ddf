/* SPDX-License-Identifier: MIT */
/*
 * A place where the kernel samples packets at will: a network namespace of
 * the process's own and in it a veth pair, whose near end has a tc filter that
 * samples what is sent. Built by ip and tc.
 *
 *	testbed_private_network, once
 *	testbed_open -> [send on its interface] -> testbed_hooked -> testbed_close
 *
 * The namespace has no name, so that the kernel removes it, and all in it,
 * with the last process that is in it: nothing remains, crash or not.
 *
 * Errors: a negative errno with the cause, a static string.
 */
#ifndef TESTBED_H
#define TESTBED_H

#include <stdbool.h>
#include <stdint.h>

/* linux/pkt_cls.h: TCA_ACT_MAX_PRIO actions fit into a filter. */
#define TESTBED_GROUPS_MAX 32

struct testbed_config {
	uint32_t sample_rate; /* 1 packet in so many; 0: none is sampled */
	uint32_t group_count; /* each packet is sampled into groups 1 to N */
	uint32_t trunc;	      /* bytes of a packet in its sample */
	bool verbose;	      /* print each command, and hear its errors */
};

struct testbed {
	struct testbed_config config;
	uint32_t interface; /* ifindex to send on */
};

/* Move the process there. Before there is another thread. */
int testbed_private_network(const char **reterr_cause);

int testbed_open(const struct testbed_config *config,
		 struct testbed *ret_testbed, const char **reterr_cause);

/* Packets that the filter has seen: tc's own count. Only where it samples. */
int testbed_hooked(const struct testbed *testbed, uint64_t *ret_packets,
		   const char **reterr_cause);

/* Returns when the kernel has forgotten the sample groups. */
void testbed_close(const struct testbed *testbed);

#endif /* TESTBED_H */
