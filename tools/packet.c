/* SPDX-License-Identifier: MIT */
/*
 * The link layer: Ethernet, VLAN tags, MPLS, ARP, and what an EtherType stands
 * for. IP and what it carries is in packet_ip.c.
 */
#include "packet.h"

#include "dissection.h"
#include "put.h"

#include <linux/if_ether.h>
#include <string.h>

#define ETHERNET_BYTES 14
#define TAG_BYTES      4
#define LABEL_BYTES    4
#define ARP_BYTES      28 /* of Ethernet and IPv4 */

const uint8_t *dissection_take(struct dissection *dissection, size_t count,
			       const char *name)
{
	const uint8_t *taken = dissection->at;
	char *out = dissection->out;

	if (dissection->headers == PACKET_HEADERS_MAX) {
		dissection->out = put_text(out, "...");
		return NULL;
	}
	if (dissection->left < count) {
		out = put_text(put_text(out, "[|"), name);
		dissection->out = put_text(out, "]");
		return NULL;
	}
	dissection->headers++;
	dissection->at += count;
	dissection->left -= count;
	dissection->size -= count;
	return taken;
}

void dissection_limit(struct dissection *dissection, size_t size)
{
	if (dissection->size > size)
		dissection->size = size;
	if (dissection->left > size)
		dissection->left = size;
}

static bool is_tag(uint16_t type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD ||
	       type == ETH_P_QINQ1;
}

static char *put_mac(char *out, const uint8_t mac[ETH_ALEN])
{
	for (int i = 0; i < ETH_ALEN; i++) {
		if (i)
			*out++ = ':';
		out = put_hex(out, mac + i, 1);
	}
	return out;
}

static void dissect_tag(struct dissection *dissection)
{
	const uint8_t *tag = dissection_take(dissection, TAG_BYTES, "vlan");
	char *out = dissection->out;

	if (!tag)
		return;
	out = put_number(put_text(out, "vlan "), load_be16(tag) & 0xfff);
	if (tag[0] >> 5)
		out = put_number(put_text(out, ", p "), tag[0] >> 5);
	dissection->out = put_text(out, ", ");
	dissect_type(dissection, load_be16(tag + 2));
}

/* Nothing in a label says what comes behind the last: only IP is guessed at. */
static void dissect_behind_labels(struct dissection *dissection)
{
	unsigned int version = dissection->left ? dissection->at[0] >> 4 : 0;

	dissection->out = put_text(dissection->out, " ");
	if (version == 4)
		dissect_ip4(dissection);
	else if (version == 6)
		dissect_ip6(dissection);
	else
		dissection->out = put_number(
			put_text(dissection->out, "length "), dissection->size);
}

void dissect_mpls(struct dissection *dissection)
{
	const uint8_t *label;
	bool is_last = false;
	char *out;

	dissection->out = put_text(dissection->out, "MPLS");
	while (!is_last) {
		dissection->out = put_text(dissection->out, " ");
		label = dissection_take(dissection, LABEL_BYTES, "mpls");
		if (!label)
			return;
		is_last = label[2] & 1;
		out = put_number(put_text(dissection->out, "(label "),
				 load_be32(label) >> 12);
		out = put_number(put_text(out, ", tc "), label[2] >> 1 & 7);
		if (is_last)
			out = put_text(out, ", [S]");
		out = put_number(put_text(out, ", ttl "), label[3]);
		dissection->out = put_text(out, ")");
	}
	dissect_behind_labels(dissection);
}

/* Kind of address and of protocol, their lengths: Ethernet's and IPv4's. */
static char *put_arp(char *out, const uint8_t arp[ARP_BYTES])
{
	static const uint8_t ethernet_ipv4[] = { 0, 1, 8, 0, 6, 4 };
	uint16_t operation = load_be16(arp + 6);

	if (memcmp(arp, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
		return put_text(out, "not of Ethernet and IPv4");
	if (operation == 1) {
		out = put_ipv4(put_text(out, "Request who-has "), arp + 24);
		return put_ipv4(put_text(out, " tell "), arp + 14);
	}
	if (operation == 2) {
		out = put_ipv4(put_text(out, "Reply "), arp + 14);
		return put_mac(put_text(out, " is-at "), arp + 8);
	}
	return put_number(put_text(out, "operation "), operation);
}

static void dissect_arp(struct dissection *dissection)
{
	size_t size = dissection->size;
	const uint8_t *arp;
	char *out;

	dissection->out = put_text(dissection->out, "ARP, ");
	arp = dissection_take(dissection, ARP_BYTES, "arp");
	if (!arp)
		return;
	out = put_text(put_arp(dissection->out, arp), ", length ");
	dissection->out = put_number(out, size);
}

static const struct {
	uint16_t type;
	const char *name;
	void (*dissect)(struct dissection *dissection); /* NULL: only named */
} types[] = {
	{ ETH_P_IP, "IPv4", dissect_ip4 },
	{ ETH_P_IPV6, "IPv6", dissect_ip6 },
	{ ETH_P_ARP, "ARP", dissect_arp },
	{ ETH_P_8021Q, "802.1Q", dissect_tag },
	{ ETH_P_8021AD, "802.1Q-QinQ", dissect_tag },
	{ ETH_P_QINQ1, "802.1Q-9100", dissect_tag },
	{ ETH_P_MPLS_UC, "MPLS unicast", dissect_mpls },
	{ ETH_P_MPLS_MC, "MPLS multicast", dissect_mpls },
	{ ETH_P_TEB, "TEB", dissect_ethernet },
	{ ETH_P_LLDP, "LLDP", NULL },
	{ ETH_P_SLOW, "Slow Protocols", NULL },
	{ ETH_P_PPP_DISC, "PPPoE D", NULL },
	{ ETH_P_PPP_SES, "PPPoE S", NULL },
	{ ETH_P_PAE, "EAPOL", NULL },
	{ ETH_P_LOOPBACK, "Loopback", NULL },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

/* Return: the place in the table, or TYPES. */
static size_t type_find(uint16_t type)
{
	size_t i = 0;

	while (i < TYPES && types[i].type != type)
		i++;
	return i;
}

static char *put_type(char *out, uint16_t type)
{
	uint8_t bytes[] = { (uint8_t)(type >> 8), (uint8_t)type };
	size_t known = type_find(type);

	/* Below, it is no type but IEEE 802.3's length. */
	if (type < ETH_P_802_3_MIN)
		return put_text(out, "802.3");
	out = put_text(out, "ethertype ");
	out = put_text(out, known < TYPES ? types[known].name : "Unknown");
	out = put_hex(put_text(out, " (0x"), bytes, sizeof(bytes));
	return put_text(out, ")");
}

void dissect_type(struct dissection *dissection, uint16_t type)
{
	size_t known = type_find(type);
	char *out;

	if (known < TYPES && types[known].dissect) {
		types[known].dissect(dissection);
		return;
	}
	out = put_text(put_type(dissection->out, type), ", length ");
	dissection->out = put_number(out, dissection->size);
}

void dissect_ethernet(struct dissection *dissection)
{
	size_t size = dissection->size;
	const uint8_t *ethernet;
	uint16_t type;
	char *out;

	ethernet = dissection_take(dissection, ETHERNET_BYTES, "ether");
	if (!ethernet)
		return;
	type = load_be16(ethernet + 2 * (size_t)ETH_ALEN);
	if (dissection->with_link) {
		out = put_mac(dissection->out, ethernet + ETH_ALEN);
		out = put_mac(put_text(out, " > "), ethernet);
		out = put_type(put_text(out, ", "), type);
		out = put_number(put_text(out, ", length "), size);
		dissection->out = put_text(out, ": ");
	}
	dissect_type(dissection, type);
}

bool packet_is_ethernet(const struct packet *packet)
{
	const uint8_t *data = packet->data;
	size_t at = 2 * (size_t)ETH_ALEN, len = packet->data_len;
	unsigned int version = 0;

	if (packet->proto == ETH_P_IP)
		version = 4;
	if (packet->proto == ETH_P_IPV6)
		version = 6;
	if (!version || !len || data[0] >> 4 != version)
		return true;
	/* An address of Ethernet may begin like a packet of IP. */
	while (at + TAG_BYTES <= len && is_tag(load_be16(data + at)))
		at += TAG_BYTES;
	return at + 2 < len && load_be16(data + at) == packet->proto &&
	       data[at + 2] >> 4 == version;
}

char *packet_text(char *out, const struct packet *packet, bool with_link)
{
	struct dissection dissection = {
		.out = out,
		.at = packet->data,
		.left = packet->data_len,
		.size = packet->orig_size,
		.with_link = with_link,
	};

	if (!packet->data_len)
		return packet->proto ? put_type(out, packet->proto)
				     : put_text(out, "no bytes");
	if (dissection.size < dissection.left)
		dissection.size = dissection.left;
	if (packet_is_ethernet(packet))
		dissect_ethernet(&dissection);
	else
		dissect_type(&dissection, packet->proto);
	return dissection.out;
}
