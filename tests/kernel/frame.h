/* SPDX-License-Identifier: MIT */
/*
 * frame.h - a frame is a function of its traffic and of its number
 *
 * None is like another, and each can be made a second time.
 */
#ifndef FRAME_H
#define FRAME_H

#include <net/ethernet.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_BYTES_MAX (ETH_HLEN + UINT16_MAX)

enum kind {
	KIND_IPV4,
	KIND_IPV6,
	KIND_VLAN,
	KIND_ARP
};

#define KIND_COUNT (KIND_ARP + 1)

struct traffic {
	enum kind kind;
	uint32_t frame_bytes;
	uint8_t src_mac[ETH_ALEN];
	uint8_t dst_mac[ETH_ALEN];
	uint32_t src_ip;
	uint32_t dst_ip;
};

extern const char *const kind_names[KIND_COUNT];

/* The headers, and the frame's number if one follows them. */
size_t frame_bytes_min(enum kind kind);

void frame_make(uint8_t *to, const struct traffic *traffic, uint32_t number);

#endif
