/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The attributes of a message, as a BPF program finds them: every load is
 * checked against what it shall be within, and by the kernel against the
 * datagram.
 */
#ifndef ATTRIBUTE_BPF_H
#define ATTRIBUTE_BPF_H

#include "psample.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <stdbool.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "a value of 2 bytes is the lower half of 4");

#define ATTRIBUTES_MAX 48 /* the verifier follows each; psample has 15 */

/* A range of the datagram: an attribute's payload, or what is left of it. */
struct range {
	uint32_t offset;
	uint32_t end;
};

/* An attribute of up to 4 bytes, padded. */
struct slot {
	struct nlattr attribute;
	uint32_t value;
};

#define SLOTS 6 /* up to the sequence number */

struct slots {
	struct slot slots[SLOTS];
};

static __always_inline bool load(struct __sk_buff *skb,
				 const struct range *range, void *ret_bytes,
				 uint32_t count)
{
	return range->offset + count <= range->end &&
	       bpf_skb_load_bytes(skb, range->offset, ret_bytes, count) == 0;
}

/*
 * A message begins with its short attributes, each of which takes 8 bytes. They
 * are loaded at once: a load for each costs the sender 100 ns (psring-bench
 * shards). Where the datagram is too short the kernel clears them.
 */
static __always_inline void load_slots(struct __sk_buff *skb,
				       struct slots *ret_slots)
{
	(void)bpf_skb_load_bytes(skb, sizeof(struct psample_header), ret_slots,
				 sizeof(*ret_slots));
}

/* False: it is not among them; *@ret_offset is where the others begin. */
static __always_inline bool find_slot(const struct slots *slots,
				      uint16_t number, struct slot *ret_slot,
				      uint32_t *ret_offset)
{
	*ret_offset = sizeof(struct psample_header);
#pragma unroll
	for (int i = 0; i < SLOTS; i++) {
		struct slot slot = slots->slots[i];

		/* Loaded now, and not by a variable index later. */
		barrier_var(slot.value);
		if (slot.attribute.nla_len <= sizeof(slot.attribute) ||
		    slot.attribute.nla_len > sizeof(slot))
			return false;
		if ((slot.attribute.nla_type & NLA_TYPE_MASK) == number) {
			*ret_slot = slot;
			return true;
		}
		*ret_offset += sizeof(slot);
	}
	return false;
}

/* The first attribute @number from @offset on, as nla_find would find it. */
static __always_inline bool find_from(struct __sk_buff *skb, uint32_t offset,
				      uint16_t number,
				      struct range *ret_payload)
{
	struct range left = { offset, skb->len };
	struct nlattr attribute;

	for (int i = 0; i < ATTRIBUTES_MAX; i++) {
		if (!load(skb, &left, &attribute, sizeof(attribute)) ||
		    attribute.nla_len < sizeof(attribute) ||
		    attribute.nla_len > left.end - left.offset)
			return false;
		if ((attribute.nla_type & NLA_TYPE_MASK) == number) {
			ret_payload->offset = left.offset + sizeof(attribute);
			ret_payload->end = left.offset + attribute.nla_len;
			return true;
		}
		left.offset += NLA_ALIGN(attribute.nla_len);
		/* Padding may end behind the datagram. */
		if (left.offset > left.end)
			return false;
	}
	return false;
}

/*
 * The value of attribute @number. Returns its length: 4, or 2 as the kernel
 * writes interfaces; 0: there is none, or of another length.
 */
static __always_inline uint32_t find_value(struct __sk_buff *skb,
					   const struct slots *slots,
					   uint16_t number, uint32_t *ret_value)
{
	struct range payload;
	struct slot slot;
	uint32_t offset, len;

	slot.value = 0;
	if (find_slot(slots, number, &slot, &offset)) {
		len = slot.attribute.nla_len - sizeof(slot.attribute);
	} else {
		if (!find_from(skb, offset, number, &payload))
			return 0;
		len = payload.end - payload.offset;
		if (!load(skb, &payload, &slot.value, sizeof(slot.value)))
			(void)load(skb, &payload, &slot.value, 2);
	}
	if (len != 2 && len != 4)
		return 0;
	*ret_value = len == 2 ? (uint16_t)slot.value : slot.value;
	return len;
}

#endif /* ATTRIBUTE_BPF_H */
