/* SPDX-License-Identifier: MIT */
/*
 * What packet.c, packet_ip.c and packet_transport.c share: how far a packet is
 * read, and the line so far. dissection_take owns the bounds: nothing is read but
 * what it returned.
 */
#ifndef DISSECTION_H
#define DISSECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dissection {
	char *out;
	const uint8_t *at; /* of the next header */
	size_t left;	   /* bytes there; never more than size */
	size_t size;	   /* of the packet from here on, before it was cut */
	unsigned int headers; /* taken */
	bool with_link;
};

static inline uint16_t load_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t load_be32(const uint8_t *at)
{
	return (uint32_t)load_be16(at) << 16 | load_be16(at + 2);
}

/*
 * Take the next @count bytes, of the header @name.
 * Return: NULL, and tcpdump's mark in the line, if they are not there.
 */
const uint8_t *dissection_take(struct dissection *dissection, size_t count,
			       const char *name);

/* What is behind @size more bytes is padding. */
void dissection_limit(struct dissection *dissection, size_t size);

/* What an EtherType says is next. */
void dissect_type(struct dissection *dissection, uint16_t type);

void dissect_ethernet(struct dissection *dissection);
void dissect_mpls(struct dissection *dissection);
void dissect_ip4(struct dissection *dissection);
void dissect_ip6(struct dissection *dissection);

void dissect_tcp(struct dissection *dissection);
void dissect_udp(struct dissection *dissection);
void dissect_gre(struct dissection *dissection);
void dissect_icmp4(struct dissection *dissection);
void dissect_icmp6(struct dissection *dissection);

#endif /* DISSECTION_H */
