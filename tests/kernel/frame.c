/* SPDX-License-Identifier: MIT */
/*
 * frame.c - the bytes of a frame, with the checksums that a receiver expects
 */
#include "frame.h"

#include <netinet/in.h>
#include <string.h>

#define VLAN_ID	      100
#define TTL	      64
#define UDP_PORT      6343
#define COUNTER_BYTES 4

#define ARP_BYTES  28
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES  8
#define VLAN_BYTES 4

const char *const kind_names[KIND_COUNT] = {
	[KIND_IPV4] = "ipv4",
	[KIND_IPV6] = "ipv6",
	[KIND_VLAN] = "vlan",
	[KIND_ARP] = "arp",
};

size_t frame_bytes_min(enum kind kind)
{
	static const size_t bytes[KIND_COUNT] = {
		[KIND_IPV4] = ETH_HLEN + IPV4_BYTES + UDP_BYTES + COUNTER_BYTES,
		[KIND_IPV6] = ETH_HLEN + IPV6_BYTES + UDP_BYTES + COUNTER_BYTES,
		[KIND_VLAN] = ETH_HLEN + VLAN_BYTES + IPV4_BYTES + UDP_BYTES +
			      COUNTER_BYTES,
		[KIND_ARP] = ETH_HLEN + ARP_BYTES,
	};

	return bytes[kind];
}

static uint8_t *put16(uint8_t *to, uint16_t value)
{
	*to++ = value >> 8;
	*to++ = value & 0xff;
	return to;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
	return put16(put16(to, value >> 16), value & 0xffff);
}

static uint8_t *put_bytes(uint8_t *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	return to + bytes;
}

static uint32_t sum16(const uint8_t *from, size_t bytes, uint32_t sum)
{
	for (; bytes > 1; from += 2, bytes -= 2)
		sum += from[0] << 8 | from[1];
	if (bytes)
		sum += from[0] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* The number of the frame, then bytes that begin with its lowest one. */
static void put_payload(uint8_t *to, const uint8_t *end, uint32_t number)
{
	uint8_t byte = number & 0xff;

	to = put32(to, number);
	while (to < end)
		*to++ = byte++;
}

/* UDP up to end; address_bytes of addresses are right before it. */
static void put_udp(uint8_t *udp, const uint8_t *end, size_t address_bytes,
		    uint32_t number)
{
	uint16_t udp_bytes = end - udp;
	uint32_t sum = IPPROTO_UDP + udp_bytes;
	uint16_t check;
	uint8_t *to = udp;

	to = put16(to, UDP_PORT);
	to = put16(to, UDP_PORT);
	to = put16(to, udp_bytes);
	to = put16(to, 0);
	put_payload(to, end, number);

	sum = sum16(udp - address_bytes, address_bytes, sum);
	check = checksum(sum16(udp, udp_bytes, sum));
	/* RFC 768: 0 would mean that there is no checksum. */
	put16(udp + 6, check ? check : 0xffff);
}

static void put_ipv4(uint8_t *ip, const uint8_t *end,
		     const struct traffic *traffic, uint32_t number)
{
	uint8_t *to = ip;

	to = put16(to, 0x4500);
	to = put16(to, end - ip);
	to = put16(to, number & 0xffff);
	to = put16(to, 0);
	to = put16(to, TTL << 8 | IPPROTO_UDP);
	to = put16(to, 0);
	to = put32(to, traffic->src_ip);
	to = put32(to, traffic->dst_ip);
	put16(ip + 10, checksum(sum16(ip, IPV4_BYTES, 0)));
	put_udp(to, end, 8, number);
}

static void put_ipv6(uint8_t *ip, const uint8_t *end, uint32_t number)
{
	/* RFC 3849: for documentation. */
	static const uint8_t src[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static const uint8_t dst[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };
	uint8_t *to = ip;

	to = put32(to, 0x60000000);
	to = put16(to, end - ip - IPV6_BYTES);
	to = put16(to, IPPROTO_UDP << 8 | TTL);
	to = put_bytes(to, src, sizeof(src));
	to = put_bytes(to, dst, sizeof(dst));
	put_udp(to, end, 32, number);
}

/* Asks for one address after the other. */
static void put_arp(uint8_t *to, const uint8_t *end,
		    const struct traffic *traffic, uint32_t number)
{
	static const uint8_t unknown_mac[ETH_ALEN];

	to = put16(to, 1); /* hardware: Ethernet */
	to = put16(to, ETHERTYPE_IP);
	to = put16(to, ETH_ALEN << 8 | 4);
	to = put16(to, 1); /* operation: request */
	to = put_bytes(to, traffic->src_mac, ETH_ALEN);
	to = put32(to, traffic->src_ip);
	to = put_bytes(to, unknown_mac, ETH_ALEN);
	to = put32(to, traffic->dst_ip + number);
	memset(to, 0, end - to);
}

void frame_make(uint8_t *to, const struct traffic *traffic, uint32_t number)
{
	const uint8_t *end = to + traffic->frame_bytes;

	to = put_bytes(to, traffic->dst_mac, ETH_ALEN);
	to = put_bytes(to, traffic->src_mac, ETH_ALEN);
	switch (traffic->kind) {
	case KIND_VLAN:
		to = put16(to, ETHERTYPE_VLAN);
		to = put16(to, VLAN_ID);
		/* fall through */
	case KIND_IPV4:
		to = put16(to, ETHERTYPE_IP);
		put_ipv4(to, end, traffic, number);
		break;
	case KIND_IPV6:
		to = put16(to, ETHERTYPE_IPV6);
		put_ipv6(to, end, number);
		break;
	case KIND_ARP:
		to = put16(to, ETHERTYPE_ARP);
		put_arp(to, end, traffic, number);
		break;
	}
}
