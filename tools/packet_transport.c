/* SPDX-License-Identifier: MIT */
/*
 * What IP carries: TCP, UDP, ICMP, and the packets within GRE and VXLAN.
 */
#include "dissection.h"
#include "packet.h"
#include "put.h"

#include <assert.h>
#include <netinet/in.h>

#define TCP_BYTES   20
#define UDP_BYTES   8
#define VXLAN_BYTES 8

static_assert(sizeof("Flags [FSRP.UEW], seq 4294967295:4294967295, "
		     "ack 4294967295, win 65535, urg 65535, "
		     "length 4294967295") <= PACKET_HEADER_TEXT,
	      "PACKET_HEADER_TEXT");

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

void dissect_tcp(struct dissection *dissection)
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

void dissect_udp(struct dissection *dissection)
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
void dissect_gre(struct dissection *dissection)
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

void dissect_icmp4(struct dissection *dissection)
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

void dissect_icmp6(struct dissection *dissection)
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
