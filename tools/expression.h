/* SPDX-License-Identifier: MIT */
/*
 * An expression of libpcap, as tcpdump takes it, on sampled packets.
 */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "packet.h"

#include <pcap/pcap.h>

struct expression {
	struct bpf_program ethernet; /* of packets from the link layer on */
	struct bpf_program ip; /* of those from IP on; empty: none match */
};

/*
 * Return: 0; -1 and why, for people, in @reterr_cause, [PCAP_ERRBUF_SIZE].
 */
int expression_compile(const char *text, struct expression *ret_expression,
		       char *reterr_cause);

/* Any thread. */
bool expression_matches(const struct expression *expression,
			const struct packet *packet);

/* Compiled, or all zero. */
void expression_free(struct expression *expression);

#endif /* EXPRESSION_H */
