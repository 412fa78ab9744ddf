/* SPDX-License-Identifier: MIT */
/*
 * The balance of psring stress: from the packets that were sent to the samples
 * that were delivered, a sum for each step.
 *
 *	sent = hooked				packets; psample only
 *	hooked x groups = built			samples, if 1 in 1 is taken
 *	built = received + lost_socket + lost_ring
 *	received = delivered + malformed + foreign
 *
 * It is made when the sender has paused and all queues are stopped and drained,
 * so that nothing is under way. What a sum leaves over is "unaccounted".
 *
 * Every number is exact, but for these: samples expected at 1 in N, for chance
 * takes them; and samples built, where several threads send packets and 1 in N
 * is taken: psample numbers them without a lock (net/psample/psample.c:
 * group->seq++), so that two at once may take one number.
 */
#ifndef BALANCE_H
#define BALANCE_H

#include "psring.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct balance {
	bool kernel; /* psample's samples, else the synthetic source's */
	uint32_t sample_rate;  /* 1 packet in so many */
	uint32_t group_count;  /* sample groups that are read */
	uint32_t senders;      /* threads */
	const char *transport; /* in use, or "several"; NULL: no run yet */
	uint64_t sent;	       /* packets, or synthetic samples */
	uint64_t hooked;       /* packets that tc's sample action saw */
	uint64_t numbered;     /* samples that their source gave a number */
	uint64_t received;
	uint64_t delivered;
	uint64_t malformed;
	uint64_t foreign;
	uint64_t lost_socket;
	uint64_t lost_ring;
	uint64_t duration_ns;	/* that the sender was on */
	uint64_t sender_cpu_ns; /* of all its threads */
	uint64_t drain_ns;	/* from its last pause until all was drained */
};

/* One packet in so many, with 95 % confidence. */
struct balance_rate {
	double observed;
	double low;
	double high;
};

/* Add the counts of @part, another run as it was asked for there. */
void balance_add(struct balance *balance, const struct balance *part);

/* Samples that should be there; an estimate unless 1 in 1 is taken. */
uint64_t balance_expected(const struct balance *balance);

uint64_t balance_built(const struct balance *balance);
bool balance_built_is_exact(const struct balance *balance);

/* What all sums leave over, whatever the sign; exact as built is. */
uint64_t balance_unaccounted(const struct balance *balance);

/* Whether every exact sum leaves nothing over. */
bool balance_holds(const struct balance *balance);

/* Samples that were built and not received. */
uint64_t balance_lost(const struct balance *balance);

/* Return: false if nothing was sampled by chance, or nothing at all. */
bool balance_rate(const struct balance *balance, struct balance_rate *ret_rate);

/* Per second that the sender was on; 0 if it never was. */
double balance_packets_per_s(const struct balance *balance);
double balance_samples_per_s(const struct balance *balance);

void balance_write_text(const struct balance *balance, FILE *stream);

/* Set its members in @object. Return: 0, or not, for want of memory. */
int balance_put_json(const struct balance *balance, json_t *object);

#endif /* BALANCE_H */
