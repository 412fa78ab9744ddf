/* SPDX-License-Identifier: MIT */
/*
 * libpcap compiles for one kind of link, and samples come from two: it is
 * compiled for both. What is about Ethernet alone does not compile for the other,
 * of which then nothing matches.
 */
#include "expression.h"

#include <stdio.h>

#define SNAPLEN 65535

/*
 * In the kernel an offset below zero is what it knows of a packet besides its
 * bytes (linux/filter.h: SKF_AD_OFF). Here it is beyond each packet's end, where
 * neither an expression nor its contrary matches.
 */
static bool asks_kernel(const struct bpf_program *program)
{
	for (u_int i = 0; i < program->bf_len; i++) {
		const struct bpf_insn *insn = &program->bf_insns[i];

		if (BPF_CLASS(insn->code) == BPF_LD &&
		    BPF_MODE(insn->code) == BPF_ABS && (int32_t)insn->k < 0)
			return true;
	}
	return false;
}

/* Return: 0 or -1. */
static int compile_for(int link, const char *text, struct bpf_program *program,
		       char *reterr_cause)
{
	pcap_t *pcap = pcap_open_dead(link, SNAPLEN);
	const char *cause = "no memory";

	if (pcap)
		cause = pcap_compile(pcap, program, text, 1,
				     PCAP_NETMASK_UNKNOWN)
				? pcap_geterr(pcap)
				: NULL;
	if (!cause && asks_kernel(program)) {
		pcap_freecode(program);
		cause = "a packet's bytes do not tell it, as of inbound, "
			"outbound and ifindex";
	}
	if (cause)
		(void)snprintf(reterr_cause, PCAP_ERRBUF_SIZE, "%s", cause);
	if (pcap)
		pcap_close(pcap);
	return cause ? -1 : 0;
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
