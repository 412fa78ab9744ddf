/* SPDX-License-Identifier: MIT */
/*
 * A sampled packet in a line, in tcpdump's words: as far as its bytes go, and no
 * name is asked of anybody. The packet is hostile: of its lengths none is
 * believed beyond the bytes that are there, and the line has a longest form.
 */
#ifndef PACKET_H
#define PACKET_H

#include "psring.h"

#include <stdbool.h>
#include <stdint.h>

#define PACKET_HEADERS_MAX 15 /* dissected; "..." stands for more */
#define PACKET_HEADER_TEXT \
	128 /* the longest of one, and of what is at the end */
#define PACKET_TEXT_MAX ((PACKET_HEADERS_MAX + 1) * PACKET_HEADER_TEXT)

/* IANA's, to which tunnels are sent. */
#define VXLAN_PORT  4789
#define GENEVE_PORT 6081

struct packet {
	const uint8_t *data;
	uint32_t data_len;  /* bytes at data */
	uint32_t orig_size; /* of the packet, before it was cut */
	uint16_t proto;	    /* skb->protocol; 0: not known */
};

static inline struct packet packet_of_view(const struct psr_view *view)
{
	return (struct packet){ .data = view->data,
				.data_len = view->data_len,
				.orig_size = view->orig_size,
				.proto = view->proto };
}

/*
 * Whether the bytes begin with an Ethernet header. Of a device without one, such
 * as a tunnel, they begin with IP, and psample says nothing about it: it is
 * told by the version of IP at the start and no proto where Ethernet has it.
 */
bool packet_is_ethernet(const struct packet *packet);

/*
 * @with_link: the link-layer header as well
 * Return: the place behind the text.
 */
char *packet_text(char *out, const struct packet *packet, bool with_link);

#endif /* PACKET_H */
