/* SPDX-License-Identifier: MIT */
/*
 * The bounds-checked walk over netlink attributes: every length is checked
 * here, once, so that nothing after it can be wrong. The bytes are only
 * 4-byte aligned, and hostile.
 */
#ifndef ATTRIBUTE_H
#define ATTRIBUTE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ALIGNMENT ((size_t)NLA_ALIGNTO)
#define TYPE_MASK 0x3fff /* the two flags above it are no part of the type */

/* What of a message has not been walked yet. */
struct attributes {
	const uint8_t *next;
	size_t left;
};

struct attribute {
	const uint8_t *value;
	size_t len; /* of the value; more than left says: it was cut */
	uint16_t type;
};

static inline uint16_t attribute_u16(const uint8_t *value)
{
	uint16_t number;

	memcpy(&number, value, sizeof(number));
	return number;
}

static inline uint32_t attribute_u32(const uint8_t *value)
{
	uint32_t number;

	memcpy(&number, value, sizeof(number));
	return number;
}

static inline uint64_t attribute_u64(const uint8_t *value)
{
	uint64_t number;

	memcpy(&number, value, sizeof(number));
	return number;
}

enum attribute_verdict {
	ATTRIBUTE_OK,
	ATTRIBUTE_END, /* fewer bytes left than a header takes */
	ATTRIBUTE_CUT, /* goes beyond what is left; value and len are set */
	ATTRIBUTE_BAD, /* shorter than its own header */
};

/* Takes the next attribute; a last one may lack its padding. */
static inline enum attribute_verdict
attribute_next(struct attributes *attributes, struct attribute *ret_attribute)
{
	struct nlattr header;
	size_t taken;

	if (attributes->left < sizeof(header))
		return ATTRIBUTE_END;
	memcpy(&header, attributes->next, sizeof(header));
	if (header.nla_len < sizeof(header))
		return ATTRIBUTE_BAD;

	ret_attribute->type = (uint16_t)(header.nla_type & TYPE_MASK);
	ret_attribute->value = attributes->next + sizeof(header);
	ret_attribute->len = header.nla_len - sizeof(header);
	if (header.nla_len > attributes->left)
		return ATTRIBUTE_CUT;

	taken = (header.nla_len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (taken > attributes->left)
		taken = attributes->left;
	attributes->next += taken;
	attributes->left -= taken;
	return ATTRIBUTE_OK;
}

#endif /* ATTRIBUTE_H */
