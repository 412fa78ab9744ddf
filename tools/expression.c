/* SPDX-License-Identifier: MIT */
/*
 * libpcap compiles for one kind of link, and samples come from two: it is
 * compiled for both. What is about Ethernet alone does not compile for the other,
 * of which then nothing matches.
 */
#include "expression.h"

#include <stdio.h>

#define SNAPLEN 65535

/* Return: 0 or -1. */
static int compile_for(int link, const char *text, struct bpf_program *program,
		       char *reterr_cause)
{
	pcap_t *pcap = pcap_open_dead(link, SNAPLEN);
	int error = -1;

	if (pcap)
		error = pcap_compile(pcap, program, text, 1,
				     PCAP_NETMASK_UNKNOWN);
	if (error)
		(void)snprintf(reterr_cause, PCAP_ERRBUF_SIZE, "%s",
			       pcap ? pcap_geterr(pcap) : "no memory");
	if (pcap)
		pcap_close(pcap);
	return error ? -1 : 0;
}

int expression_compile(const char *text, struct expression *ret_expression,
		       char *reterr_cause)
{
	struct expression expression = { 0 };
	char ignored[PCAP_ERRBUF_SIZE];

	if (compile_for(DLT_EN10MB, text, &expression.ethernet, reterr_cause))
		return -1;
	if (compile_for(DLT_RAW, text, &expression.ip, ignored))
		expression.ip = (struct bpf_program){ 0 };
	*ret_expression = expression;
	return 0;
}

bool expression_matches(const struct expression *expression,
			const struct packet *packet)
{
	const struct bpf_program *program = packet_is_ethernet(packet)
						    ? &expression->ethernet
						    : &expression->ip;
	const struct pcap_pkthdr header = { .caplen = packet->data_len,
					    .len = packet->orig_size };

	return program->bf_insns &&
	       pcap_offline_filter(program, &header, packet->data);
}

void expression_free(struct expression *expression)
{
	pcap_freecode(&expression->ethernet);
	pcap_freecode(&expression->ip);
}
