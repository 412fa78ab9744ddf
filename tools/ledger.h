/* SPDX-License-Identifier: MIT */
/*
 * The ledger: the account that a run gives at its end. Every datagram is in
 * exactly one named place, and two sums show it:
 *
 *	received = delivered + pending + malformed + foreign
 *	sent = received + lost_socket + lost_ring + left_in_socket
 *
 * the second where this process is the sender, and nothing is held back by
 * chance: of that nobody knows how much it was. What a sum leaves over is
 * "unaccounted", and an error of psring's own.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "psring.h"

#include <stdio.h>

struct ledger {
	struct psr_info info;
	struct psr_stats total;
	struct psr_stats queues[PSR_QUEUES_MAX];
	struct psr_group_stats groups[PSR_TRACKED_MAX];
	uint32_t group_count;
	int has_sent; /* the synthetic source ran in this process */
	uint64_t sent;
	uint32_t thin;	    /* 0 or 1: nothing was held back */
	uint64_t unmatched; /* delivered, but not what --filter wants */
	uint64_t discarded; /* delivered, but not printed */
	uint64_t duration_ns;
	uint64_t cpu_ns; /* of the receiving side */
};

/* Fill what the engine knows; the rest is the caller's. */
void ledger_read(struct ledger *ledger, struct psr *psr);

/* The transport in use, as --transport spells it. */
const char *ledger_transport(const struct psr_info *info);

/* The queue that received the most. */
const struct psr_stats *ledger_busiest(const struct ledger *ledger);

/* What was granted, in the units of --rcvbuf. */
uint32_t ledger_rcvbuf_bytes(const struct psr_info *info);

/* What the sums leave over: 0 where the ledger is balanced. */
int64_t ledger_unaccounted_received(const struct ledger *ledger);
int64_t ledger_unaccounted_sent(const struct ledger *ledger);
int ledger_is_balanced(const struct ledger *ledger);

/* Errors of the stream are its owner's to check. */
void ledger_write_text(const struct ledger *ledger, FILE *stream);

/* Return: 0, or -ENOMEM and nothing written. */
int ledger_write_json(const struct ledger *ledger, FILE *stream);

#endif /* LEDGER_H */
