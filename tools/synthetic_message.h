/* SPDX-License-Identifier: MIT */
/*
 * The message of the synthetic source: what psample sends for a sample that
 * tc's action took at ingress, with a packet whose every byte is known.
 *
 * The layout is the kernel's (net/psample/psample.c: psample_sample_packet),
 * attribute for attribute. Because each of them has a fixed place, a struct
 * describes it: a sender prepares a message once and then stamps into it what
 * differs from sample to sample.
 */
#ifndef SYNTHETIC_MESSAGE_H
#define SYNTHETIC_MESSAGE_H

#include "psample.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct attribute_u16 {
	struct nlattr attribute;
	uint16_t value;
	uint16_t padding;
};

struct attribute_u32 {
	struct nlattr attribute;
	uint32_t value;
};

struct synthetic_message {
	struct psample_header header;
	struct attribute_u16 iif;
	struct attribute_u32 rate;
	struct attribute_u32 orig_size;
	struct attribute_u32 group;
	struct attribute_u32 group_seq;
	struct nlattr timestamp_attribute;
	uint64_t timestamp_ns;
	struct attribute_u16 proto;
	struct nlattr data_attribute;
	uint8_t data[];
};

static_assert(offsetof(struct synthetic_message, iif) == 20, "no gap");
static_assert(offsetof(struct synthetic_message, timestamp_ns) == 64, "no gap");
static_assert(offsetof(struct synthetic_message, data) == 84, "no gap");

/* The one thing that differs between two samples of one sender. */
struct synthetic_stamp {
	uint32_t group;
	uint32_t group_seq;
	uint32_t iif;
	uint64_t timestamp_ns;
};

/* Bytes of a message with a packet of @size bytes. */
static inline uint32_t synthetic_message_bytes(uint32_t size)
{
	return NLMSG_ALIGN((uint32_t)offsetof(struct synthetic_message, data) +
			   size);
}

/* @message: room for synthetic_message_bytes(@size), zeroed */
void synthetic_message_init(struct synthetic_message *message, uint32_t size,
			    uint32_t portid);

/* @message: made by synthetic_message_init */
void synthetic_message_stamp(struct synthetic_message *message,
			     const struct synthetic_stamp *stamp);

#endif /* SYNTHETIC_MESSAGE_H */
