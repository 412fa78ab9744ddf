/* SPDX-License-Identifier: MIT */
/*
 * IPv4 and IPv6, and the packets within them. What they carry else is in
 * packet_transport.c.
 */
#include "dissection.h"
#include "packet.h"
#include "put.h"

#include <assert.h>
#include <netinet/in.h>

#define IP4_BYTES 20
#define IP6_BYTES 40

/* The longest header: two addresses with ports, and a fragment. */
#define IP6_LONGEST "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff.65535"
static_assert(sizeof("IP6 " IP6_LONGEST " > " IP6_LONGEST
		     ": frag (65535|4294967295) ") <= PACKET_HEADER_TEXT,
	      "PACKET_HEADER_TEXT");

/* What both versions say. */
struct ip {
	const uint8_t *source;
	const uint8_t *destination;
	char *(*put)(char *out, const uint8_t *address);
	uint8_t protocol;
	bool is_fragment;
	uint32_t fragment_offset;
};

static const struct {
	uint8_t protocol;
	bool has_ports; /* in its first four bytes */
	const char *name;
	void (*dissect)(struct dissection *dissection); /* NULL: only named */
} protocols[] = {
	{ IPPROTO_TCP, true, "TCP", dissect_tcp },
	{ IPPROTO_UDP, true, "UDP", dissect_udp },
	{ IPPROTO_SCTP, true, "SCTP", NULL },
	{ IPPROTO_ICMP, false, "ICMP", dissect_icmp4 },
	{ IPPROTO_ICMPV6, false, "ICMP6", dissect_icmp6 },
	{ IPPROTO_GRE, false, "GRE", dissect_gre },
	{ IPPROTO_IPIP, false, "IPIP", dissect_ip4 },
	{ IPPROTO_IPV6, false, "IP6", dissect_ip6 },
	{ IPPROTO_MPLS, false, "MPLS", dissect_mpls },
	{ IPPROTO_IGMP, false, "IGMP", NULL },
	{ IPPROTO_ESP, false, "ESP", NULL },
	{ IPPROTO_AH, false, "AH", NULL },
	{ IPPROTO_PIM, false, "PIM", NULL },
	{ 89, false, "OSPF", NULL },
	{ 112, false, "VRRP", NULL },
};

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

/* Return: the place in the table, or PROTOCOLS. */
static size_t protocol_find(uint8_t protocol)
{
	size_t i = 0;

	while (i < PROTOCOLS && protocols[i].protocol != protocol)
		i++;
	return i;
}

static char *put_address(char *out, const struct ip *ip, const uint8_t *address,
			 const uint8_t *port)
{
	out = ip->put(out, address);
	return port ? put_number(put_text(out, "."), load_be16(port)) : out;
}

/* Only a packet's first fragment has the header of what it carries. */
static void dissect_ip(struct dissection *dissection, const struct ip *ip)
{
	size_t known = protocol_find(ip->protocol);
	const uint8_t *ports = NULL;
	char *out = dissection->out;

	if (known < PROTOCOLS && protocols[known].has_ports &&
	    !ip->fragment_offset && dissection->left >= 4)
		ports = dissection->at;
	out = put_address(out, ip, ip->source, ports);
	out = put_address(put_text(out, " > "), ip, ip->destination,
			  ports ? ports + 2 : NULL);
	out = put_text(out, ": ");
	if (ip->is_fragment) {
		out = put_number(put_text(out, "frag ("), ip->fragment_offset);
		out = put_number(put_text(out, "|"), dissection->size);
		out = put_text(out, ") ");
	}
	dissection->out = out;
	if (known < PROTOCOLS && protocols[known].dissect &&
	    !ip->fragment_offset) {
		protocols[known].dissect(dissection);
		return;
	}
	out = known < PROTOCOLS
		      ? put_text(out, protocols[known].name)
		      : put_number(put_text(out, "ip-proto-"), ip->protocol);
	dissection->out =
		put_number(put_text(out, ", length "), dissection->size);
}

void dissect_ip4(struct dissection *dissection)
{
	const uint8_t *ip4;
	size_t header, total;
	struct ip ip;

	dissection->out = put_text(dissection->out, "IP ");
	ip4 = dissection_take(dissection, IP4_BYTES, "ip");
	if (!ip4)
		return;
	header = (size_t)(ip4[0] & 15) * 4;
	total = load_be16(ip4 + 2);
	if (ip4[0] >> 4 != 4 || header < IP4_BYTES) {
		dissection->out = put_text(dissection->out, "bad header");
		return;
	}
	if (header > IP4_BYTES &&
	    !dissection_take(dissection, header - IP4_BYTES, "ip"))
		return;
	/* What the kernel will still cut up has a length of 0, if above 64 KiB. */
	if (total >= header)
		dissection_limit(dissection, total - header);
	ip = (struct ip){
		.source = ip4 + 12,
		.destination = ip4 + 16,
		.put = put_ipv4,
		.protocol = ip4[9],
		.is_fragment = load_be16(ip4 + 6) & 0x3fff,
		.fragment_offset = (load_be16(ip4 + 6) & 0x1fffu) * 8,
	};
	dissect_ip(dissection, &ip);
}

/* Return: whether another header can come behind it. */
static bool ip6_next(struct dissection *dissection, struct ip *ip)
{
	const uint8_t *next;
	size_t bytes;

	if (ip->fragment_offset || dissection->left < 8)
		return false;
	next = dissection->at;
	bytes = ((size_t)next[1] + 1) * 8;
	switch (ip->protocol) {
	case IPPROTO_FRAGMENT:
		bytes = 8;
		ip->is_fragment = true;
		ip->fragment_offset = load_be16(next + 2) & 0xfff8;
		break;
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		break;
	default:
		return false;
	}
	if (dissection->left < bytes ||
	    !dissection_take(dissection, bytes, "ip6"))
		return false;
	ip->protocol = next[0];
	return true;
}

void dissect_ip6(struct dissection *dissection)
{
	const uint8_t *ip6;
	struct ip ip;

	dissection->out = put_text(dissection->out, "IP6 ");
	ip6 = dissection_take(dissection, IP6_BYTES, "ip6");
	if (!ip6)
		return;
	if (ip6[0] >> 4 != 6) {
		dissection->out = put_text(dissection->out, "bad header");
		return;
	}
	/* As for IPv4. */
	if (load_be16(ip6 + 4))
		dissection_limit(dissection, load_be16(ip6 + 4));
	ip = (struct ip){
		.source = ip6 + 8,
		.destination = ip6 + 24,
		.put = put_ipv6,
		.protocol = ip6[6],
	};
	while (ip6_next(dissection, &ip))
		;
	dissect_ip(dissection, &ip);
}
