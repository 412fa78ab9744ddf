/* SPDX-License-Identifier: MIT */
/*
 * IPv4 and IPv6, TCP, UDP, ICMP, and the packets within GRE, VXLAN and IP itself.
 */
#include "dissection.h"
#include "packet.h"
#include "put.h"

#include <assert.h>
#include <netinet/in.h>

#define IP4_BYTES   20
#define IP6_BYTES   40
#define TCP_BYTES   20
#define UDP_BYTES   8
#define VXLAN_BYTES 8
#define VXLAN_PORT  4789

/* The longest header: two addresses with ports, and a fragment. */
#define IP6_LONGEST "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff.65535"
static_assert(sizeof("IP6 " IP6_LONGEST " > " IP6_LONGEST
		     ": frag (65535|65535) ") <= PACKET_HEADER_TEXT,
	      "PACKET_HEADER_TEXT");
static_assert(sizeof("Flags [FSRP.UEW], seq 4294967295:4294967295, "
		     "ack 4294967295, win 65535, urg 65535, "
		     "length 4294967295") <= PACKET_HEADER_TEXT,
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

/* The names of a protocol's numbers; the last has no name. */
struct name {
	uint8_t number;
	const char *name;
};

static char *put_name(char *out, const struct name *names, uint8_t number)
{
	for (; names->name; names++)
		if (names->number == number)
			return put_text(out, names->name);
	return put_number(put_text(out, "type-#"), number);
}

static char *put_length(char *out, size_t length)
{
	return put_number(put_text(out, "length "), length);
}

static char *put_flags(char *out, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW";

	if (!flags)
		return put_text(out, "none");
	for (int i = 0; i < 8; i++) {
		if (flags >> i & 1)
			*out++ = letters[i];
	}
	return out;
}

/* Numbers of payload are told where there is any, and where a flag takes one. */
static char *put_sequence(char *out, const uint8_t *tcp, size_t length)
{
	const uint8_t fin_syn_rst = 0x07;
	uint32_t sequence = load_be32(tcp + 4);

	if (!length && !(tcp[13] & fin_syn_rst))
		return out;
	out = put_number(put_text(out, ", seq "), sequence);
	if (length)
		out = put_number(put_text(out, ":"),
				 (uint32_t)(sequence + length));
	return out;
}

static void dissect_tcp(struct dissection *dissection)
{
	size_t size = dissection->size, header;
	const uint8_t *tcp = dissection_take(dissection, TCP_BYTES, "tcp");
	char *out = dissection->out;

	if (!tcp)
		return;
	header = (size_t)(tcp[12] >> 4) * 4;
	size = header > size ? 0 : size - header;
	out = put_flags(put_text(out, "Flags ["), tcp[13]);
	out = put_sequence(put_text(out, "]"), tcp, size);
	if (tcp[13] & 0x10)
		out = put_number(put_text(out, ", ack "), load_be32(tcp + 8));
	out = put_number(put_text(out, ", win "), load_be16(tcp + 14));
	if (tcp[13] & 0x20)
		out = put_number(put_text(out, ", urg "), load_be16(tcp + 18));
	dissection->out = put_length(put_text(out, ", "), size);
}

static void dissect_udp(struct dissection *dissection)
{
	const uint8_t *udp = dissection_take(dissection, UDP_BYTES, "udp");
	const uint8_t *vxlan;
	char *out;

	if (!udp)
		return;
	if (load_be16(udp + 2) != VXLAN_PORT) {
		out = put_text(dissection->out, "UDP, ");
		dissection->out = put_length(out, dissection->size);
		return;
	}
	vxlan = dissection_take(dissection, VXLAN_BYTES, "vxlan");
	if (!vxlan)
		return;
	out = put_number(put_text(dissection->out, "VXLAN, vni "),
			 load_be32(vxlan + 4) >> 8);
	dissection->out = put_text(out, ": ");
	dissect_ethernet(dissection);
}

/* Checksum, key and sequence number are there as the first bits say. */
static void dissect_gre(struct dissection *dissection)
{
	const uint8_t *gre = dissection_take(dissection, 4, "gre"), *options;
	size_t bytes, key_at;
	char *out = dissection->out;

	if (!gre)
		return;
	key_at = gre[0] & 0x80 ? 4 : 0;
	bytes = key_at + (gre[0] & 0x20 ? 4 : 0) + (gre[0] & 0x10 ? 4 : 0);
	out = put_number(put_text(out, "GREv"), gre[1] & 7);
	dissection->out = put_text(out, ", ");
	options = dissection_take(dissection, bytes, "gre");
	if (!options)
		return;
	out = dissection->out;
	if (gre[0] & 0x20)
		out = put_number(put_text(out, "key "),
				 load_be32(options + key_at));
	if (gre[0] & 0x20)
		out = put_text(out, ", ");
	out = put_length(out, dissection->size + bytes + 4);
	dissection->out = put_text(out, ": ");
	dissect_type(dissection, load_be16(gre + 2));
}

static void dissect_icmp4(struct dissection *dissection)
{
	static const struct name names[] = { { 0, "echo reply" },
					     { 3, "unreachable" },
					     { 5, "redirect" },
					     { 8, "echo request" },
					     { 11, "time exceeded" },
					     { 12, "parameter problem" },
					     { 0, NULL } };
	size_t size = dissection->size;
	const uint8_t *icmp = dissection_take(dissection, 8, "icmp");
	char *out;

	if (!icmp)
		return;
	out = put_name(put_text(dissection->out, "ICMP "), names, icmp[0]);
	if (icmp[0] == 0 || icmp[0] == 8) {
		out = put_number(put_text(out, ", id "), load_be16(icmp + 4));
		out = put_number(put_text(out, ", seq "), load_be16(icmp + 6));
	} else {
		out = put_number(put_text(out, ", code "), icmp[1]);
	}
	dissection->out = put_length(put_text(out, ", "), size);
}

/* Behind the first 8 bytes: whom a neighbor is asked for or answers as. */
static char *put_neighbor(char *out, struct dissection *dissection,
			  const uint8_t *icmp)
{
	if (dissection->left < sizeof(struct in6_addr))
		return put_text(out, ", [|icmp6]");
	out = put_text(out, icmp[0] == 135 ? ", who has " : ", tgt is ");
	return put_ipv6(out, dissection->at);
}

static void dissect_icmp6(struct dissection *dissection)
{
	static const struct name names[] = {
		{ 1, "destination unreachable" },
		{ 2, "packet too big" },
		{ 3, "time exceeded" },
		{ 4, "parameter problem" },
		{ 128, "echo request" },
		{ 129, "echo reply" },
		{ 130, "multicast listener query" },
		{ 131, "multicast listener report" },
		{ 132, "multicast listener done" },
		{ 133, "router solicitation" },
		{ 134, "router advertisement" },
		{ 135, "neighbor solicitation" },
		{ 136, "neighbor advertisement" },
		{ 137, "redirect" },
		{ 143, "multicast listener report v2" },
		{ 0, NULL }
	};
	size_t size = dissection->size;
	const uint8_t *icmp = dissection_take(dissection, 8, "icmp6");
	char *out;

	if (!icmp)
		return;
	out = put_name(put_text(dissection->out, "ICMP6, "), names, icmp[0]);
	if (icmp[0] == 128 || icmp[0] == 129) {
		out = put_number(put_text(out, ", id "), load_be16(icmp + 4));
		out = put_number(put_text(out, ", seq "), load_be16(icmp + 6));
	}
	if (icmp[0] == 135 || icmp[0] == 136)
		out = put_neighbor(out, dissection, icmp);
	dissection->out = put_length(put_text(out, ", "), size);
}

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
	dissection->out = put_length(put_text(out, ", "), dissection->size);
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
