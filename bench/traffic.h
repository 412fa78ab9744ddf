/* SPDX-License-Identifier: MIT */
/*
 * The samples that a reader shall receive, and where it has to listen for them.
 *
 * Synthetic: samples multicast by the synthetic source. Kernel: packets sent
 * into the testbed, each of which psample samples on its way out. Either way
 * synthetic_check knows every byte.
 *
 *	testbed_private_network, once
 *	traffic_open -> [open the reader] -> traffic_start -> ...
 *	-> traffic_stop -> traffic_sent -> traffic_close
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "psring.h"

#include <stdbool.h>
#include <stdint.h>

struct traffic;

struct traffic_config {
	bool kernel;	      /* else synthetic */
	bool punctual;	      /* each sample at its time, not in small runs */
	uint32_t rate;	      /* samples per second; 0: flat out */
	uint32_t size;	      /* bytes of packet in a sample */
	uint32_t group_count; /* sample groups: more than 1 only if synthetic */
	int cpu;	      /* of the thread that sends */
};

/*
 * Whether traffic_open with kernel set can work: builds and removes the
 * testbed once.
 * Return: 0, or a negative errno with the cause.
 */
int traffic_kernel_probe(const char **reterr_cause);

/* Return: 0, or a negative errno with the cause, a static string. */
int traffic_open(const struct traffic_config *config,
		 struct traffic **ret_traffic, const char **reterr_cause);

/* Fill in what of psring's configuration tells it where to listen. */
void traffic_configure(const struct traffic *traffic,
		       struct psr_config *config);

int traffic_start(struct traffic *traffic);

/* Join the sender. May be called again. */
void traffic_stop(struct traffic *traffic);

/* 0, or the errno by which the sender gave up. */
int traffic_error(const struct traffic *traffic);

/* Samples sent so far; exact after traffic_stop. Any thread. */
uint64_t traffic_sent(const struct traffic *traffic);

/* CPU time that the sender has used. Not beside traffic_start or _stop. */
uint64_t traffic_cpu_ns(const struct traffic *traffic);

/* @traffic: may be NULL */
void traffic_close(struct traffic *traffic);

#endif /* TRAFFIC_H */
