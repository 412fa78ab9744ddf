/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng), in this machine's byte
 * order, which the first block tells. libpcap writes none.
 *
 * Each function writes a block at @out, where there is room for it, and returns
 * the place behind it.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stdint.h>

#define PCAPNG_ETHERNET 1
#define PCAPNG_RAW_IP	101 /* from the header of IPv4 or IPv6 on */

/* Room for any block without the packet and its padding, strings counted. */
#define PCAPNG_BLOCK_MAX 1024
#define PCAPNG_TEXT_MAX	 512 /* of a name or comment, its end included */

enum pcapng_direction {
	PCAPNG_UNKNOWN,
	PCAPNG_INBOUND,
	PCAPNG_OUTBOUND,
};

struct pcapng_packet {
	uint32_t interface; /* by the order of the interface blocks, from 0 */
	enum pcapng_direction direction;
	uint64_t timestamp_ns;
	uint64_t dropped; /* since the last packet that told; 0: none */
	const uint8_t *data;
	uint32_t data_len;
	uint32_t orig_size;
	const char *comment;
};

/* What a file begins with. */
char *pcapng_section(char *out);

char *pcapng_interface(char *out, uint16_t link_type, const char *name);

char *pcapng_packet(char *out, const struct pcapng_packet *packet);

/* @dropped, @delivered: of the interface, in all; the latter are in this file */
char *pcapng_statistics(char *out, uint32_t interface, uint64_t timestamp_ns,
			uint64_t dropped, uint64_t delivered);

#endif /* PCAPNG_H */
